#include "hw_models/isa/instruction.h"

namespace lpusim::isa {

const char* name_of(Queue queue) {
    switch (queue) {
        case Queue::Stream:
            return "stream";
        case Queue::Unpack:
            return "unpack";
        case Queue::Kv:
            return "kv";
        case Queue::Load:
            return "load";
        case Queue::Compute:
            return "compute";
        case Queue::Vector:
            return "vector";
    }
    return "?";
}

const char* name_of(Traffic traffic) {
    switch (traffic) {
        case Traffic::Weights:
            return "weights";
        case Traffic::KvRead:
            return "kv_read";
        case Traffic::KvWrite:
            return "kv_write";
        case Traffic::Embedding:
            return "embedding";
        case Traffic::Norms:
            return "norms";
    }
    return "?";
}

const char* name_of(VectorClass vector_class) {
    switch (vector_class) {
        case VectorClass::Norm:
            return "norm";
        case VectorClass::Rope:
            return "rope";
        case VectorClass::Softmax:
            return "softmax";
        case VectorClass::Activation:
            return "activation";
        case VectorClass::Residual:
            return "residual";
        case VectorClass::Quantize:
            return "quantize";
        case VectorClass::Copy:
            return "copy";
    }
    return "?";
}

namespace {

struct QueueOf {
    Queue operator()(const StreamTransfer&) const { return Queue::Stream; }
    Queue operator()(const UnpackTile&) const { return Queue::Unpack; }
    Queue operator()(const KvReadTile&) const { return Queue::Kv; }
    Queue operator()(const InstallTile&) const { return Queue::Load; }
    Queue operator()(const ComputeTile&) const { return Queue::Compute; }
    Queue operator()(const VectorOp&) const { return Queue::Vector; }
};

}  // namespace

Queue queue_of(const Payload& payload) { return std::visit(QueueOf{}, payload); }

}  // namespace lpusim::isa
