#include "tests/config/temporary_file.h"

#include <fstream>
#include <stdexcept>

#include <unistd.h>

#include "sim/config/load.h"

namespace lpusim {

namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "lpusim-test-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

fs::path TemporaryFolder::write(const std::string& name, std::string_view content) const {
    fs::path file = path_ / name;
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << content;
    return file;
}

std::vector<std::string> errors_of(std::string_view content, const std::string& name) {
    const TemporaryFolder folder;
    std::vector<std::string> errors = check_file(folder.write(name, content));
    const std::string prefix = folder.path().string() + "/";
    for (std::string& error : errors) {
        if (error.compare(0, prefix.size(), prefix) == 0) error.erase(0, prefix.size());
    }
    return errors;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    if (at == std::string::npos || text.find(from, at + 1) != std::string::npos) {
        throw std::invalid_argument("not there exactly once: " + std::string(from));
    }
    return text.replace(at, from.size(), to);
}

const std::string_view kSmallChip = R"(kind: hardware
name: small
clock: 1 GHz
stream:
  weight:
    bandwidth: 8 GB/s
    latency: 10 cycles
    burst: 64 B
    outstanding: 2
sram:
  capacity: 64 KiB
  banks: 4
  width: 16 B
  ports: 2
  read_latency: 3 cycles
unpack:
  lanes: 32
  depth: 5 cycles
  read_bandwidth: 64 B/cycle
array:
  planes: 2
  rows: 18
  cols: 16
  load_bandwidth: 33 B/cycle
  accumulator_vectors: 128
  fp16_cycles_per_vector: 4
rescaler: {lanes: 34, depth: 6 cycles}
vector:
  lanes: 24
  norm: {passes: 7, latency: 8 cycles}
  rope: {passes: 1, latency: 9 cycles}
  softmax: {passes: 3, latency: 11 cycles}
  activation: {passes: 1, latency: 12 cycles}
  residual: {passes: 1, latency: 13 cycles}
  quantize: {passes: 2, latency: 14 cycles}
  copy: {passes: 1, latency: 0 cycles}
sequencer: {queue_depth: 15, issue_latency: 1 cycle}
)";

}  // namespace lpusim
