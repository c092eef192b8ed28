#include "sim/sweep/slurm_state.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/result/output_file.h"

namespace lpusim {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr int kStateVersion = 1;

/// Nothing if there is no such file.
std::optional<Json> read_json(const fs::path& path) {
    std::ifstream file(path);
    if (!file) return std::nullopt;
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (json.is_discarded()) throw SlurmStateError(path.string() + ": is damaged: no JSON");
    return json;
}

Json require_json(const fs::path& path) {
    std::optional<Json> json = read_json(path);
    if (!json) throw SlurmStateError(path.string() + ": is not there, or cannot be read");
    return std::move(*json);
}

/// Runs what takes a file's JSON apart.
template <class Read>
auto reading(const fs::path& path, Read read) {
    try {
        return read();
    } catch (const Json::exception& e) {
        throw SlurmStateError(path.string() + ": is damaged: " + e.what());
    }
}

void write_json(const fs::path& path, const Json& json) {
    write_file(path.string(), json.dump(1) + "\n");
}

Json to_json(const SlurmRound& round) {
    return {{"number", round.number},
            {"job_name", round.job_name},
            {"job", round.job},
            {"tasks", round.tasks},
            {"collected", round.is_collected},
            {"cancelled", round.is_cancelled}};
}

SlurmRound round_of(const Json& json) {
    SlurmRound round;
    json.at("number").get_to(round.number);
    json.at("job_name").get_to(round.job_name);
    json.at("job").get_to(round.job);
    json.at("tasks").get_to(round.tasks);
    json.at("collected").get_to(round.is_collected);
    json.at("cancelled").get_to(round.is_cancelled);
    return round;
}

constexpr std::array kTaskStates = {"running", "finished", "stopped", "failed"};

SlurmTaskRecord::State task_state(const std::string& name) {
    const auto* found = std::find(kTaskStates.begin(), kTaskStates.end(), name);
    return static_cast<SlurmTaskRecord::State>(found - kTaskStates.begin());
}

fs::path points_file(const fs::path& folder, std::uint64_t task) {
    return folder / fmt::format("task-{}.points", task);
}
fs::path record_file(const fs::path& folder, std::uint64_t task) {
    return folder / fmt::format("task-{}.json", task);
}

bool begins_with(const std::string& text, const std::string& begin) {
    return text.compare(0, begin.size(), begin) == 0;
}

}  // namespace

SlurmRound* SlurmState::open_round() {
    const bool is_open = !rounds.empty() && !rounds.back().is_collected;
    return is_open ? &rounds.back() : nullptr;
}

std::uint64_t SlurmState::submissions() const {
    return static_cast<std::uint64_t>(std::count_if(
        rounds.begin(), rounds.end(), [](const SlurmRound& round) { return !round.is_cancelled; }));
}

fs::path SlurmFolder::beside(const fs::path& store) {
    fs::path folder = fs::absolute(store);
    folder += ".slurm";
    return folder;
}

SlurmFolder::SlurmFolder(fs::path path) : path_(std::move(path)) {}

std::optional<SlurmState> SlurmFolder::state() const {
    const fs::path file = path_ / "state.json";
    const std::optional<Json> json = read_json(file);
    if (!json) return std::nullopt;
    return reading(file, [&] {
        if (json->at("version") != kStateVersion) {
            throw SlurmStateError(file.string() + ": was written by another version of lpusim");
        }
        SlurmState state;
        json->at("sweep_name").get_to(state.sweep_name);
        json->at("sweep_path").get_to(state.sweep_path);
        json->at("definition").get_to(state.definition);
        json->at("resume_command").get_to(state.resume_command);
        json->at("shard_index").get_to(state.shard_index);
        json->at("shard_count").get_to(state.shard_count);
        json->at("run_id").get_to(state.run_id);
        json->at("total").get_to(state.total);
        json->at("settled").get_to(state.settled);
        for (const Json& round : json->at("rounds")) state.rounds.push_back(round_of(round));
        json->at("failed").get_to(state.failed);
        return state;
    });
}

void SlurmFolder::save(const SlurmState& state) const {
    Json rounds = Json::array();
    for (const SlurmRound& round : state.rounds) rounds.push_back(to_json(round));
    write_json(path_ / "state.json", {{"version", kStateVersion},
                                      {"sweep_name", state.sweep_name},
                                      {"sweep_path", state.sweep_path},
                                      {"definition", state.definition},
                                      {"resume_command", state.resume_command},
                                      {"shard_index", state.shard_index},
                                      {"shard_count", state.shard_count},
                                      {"run_id", state.run_id},
                                      {"total", state.total},
                                      {"settled", state.settled},
                                      {"rounds", std::move(rounds)},
                                      {"failed", state.failed}});
}

void SlurmFolder::remove_state() const {
    std::error_code ignored;
    fs::remove(path_ / "state.json", ignored);
}

SlurmRoundFolder::SlurmRoundFolder(fs::path path) : path_(std::move(path)) {}
SlurmRoundFolder::SlurmRoundFolder(const SlurmFolder& folder, const SlurmRound& round)
    : path_(folder.path() / round.job_name) {}

void SlurmRoundFolder::create() const {
    std::error_code error;
    fs::remove_all(path_, error);
    if (!error) fs::create_directories(path_, error);
    if (error) throw OutputError("cannot write " + path_.string() + ": " + error.message());
}

void SlurmRoundFolder::write(const SlurmJobRecord& record) const {
    write_json(path_ / "job.json", {{"sweep_path", record.sweep_path},
                                    {"definition", record.definition},
                                    {"jobs", record.jobs},
                                    {"time_limit_ms", record.time_limit_ms},
                                    {"memory_bytes", record.memory_bytes}});
}

SlurmJobRecord SlurmRoundFolder::job() const {
    const fs::path file = path_ / "job.json";
    const Json json = require_json(file);
    return reading(file, [&] {
        SlurmJobRecord record;
        json.at("sweep_path").get_to(record.sweep_path);
        json.at("definition").get_to(record.definition);
        json.at("jobs").get_to(record.jobs);
        json.at("time_limit_ms").get_to(record.time_limit_ms);
        json.at("memory_bytes").get_to(record.memory_bytes);
        return record;
    });
}

void SlurmRoundFolder::write(std::uint64_t task, const SlurmTaskPoints& points) const {
    write_file(points_file(path_, task).string(),
               Json({{"digest", points.digest}, {"ordinals", points.ordinals}}).dump() + "\n");
}

SlurmTaskPoints SlurmRoundFolder::points(std::uint64_t task) const {
    const fs::path file = points_file(path_, task);
    const Json json = require_json(file);
    return reading(file, [&] {
        SlurmTaskPoints points;
        json.at("digest").get_to(points.digest);
        json.at("ordinals").get_to(points.ordinals);
        return points;
    });
}

void SlurmRoundFolder::write(std::uint64_t task, const SlurmTaskRecord& record) const {
    write_json(record_file(path_, task),
               {{"state", kTaskStates.at(static_cast<std::size_t>(record.state))},
                {"points", record.points},
                {"done", record.done},
                {"failed", record.failed},
                {"failed_points", record.failed_points},
                {"message", record.message},
                {"host", record.host}});
}

std::optional<SlurmTaskRecord> SlurmRoundFolder::record(std::uint64_t task) const {
    const fs::path file = record_file(path_, task);
    const std::optional<Json> json = read_json(file);
    if (!json) return std::nullopt;
    return reading(file, [&] {
        SlurmTaskRecord record;
        record.state = task_state(json->at("state").get<std::string>());
        json->at("points").get_to(record.points);
        json->at("done").get_to(record.done);
        json->at("failed").get_to(record.failed);
        json->at("failed_points").get_to(record.failed_points);
        json->at("message").get_to(record.message);
        json->at("host").get_to(record.host);
        return record;
    });
}

void SlurmRoundFolder::close() const { write_file((path_ / "closed").string(), ""); }
bool SlurmRoundFolder::is_closed() const { return fs::exists(path_ / "closed"); }

fs::path SlurmRoundFolder::log(std::uint64_t task) const {
    return path_ / fmt::format("task-{}.log", task);
}

fs::path SlurmRoundFolder::store(std::uint64_t task, const std::string& incarnation) const {
    return path_ / fmt::format("task-{}-{}.sqlite", task, incarnation);
}

std::vector<fs::path> SlurmRoundFolder::stores(std::uint64_t task) const {
    const std::string begin = task == 0 ? "task-" : fmt::format("task-{}-", task);
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::directory_iterator entry(path_, error), end; !error && entry != end;
         entry.increment(error)) {
        const fs::path& path = entry->path();
        if (path.extension() == ".sqlite" && begins_with(path.filename().string(), begin)) {
            found.push_back(path);
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

void SlurmRoundFolder::keep_logs_only() const {
    std::vector<fs::path> others;
    std::error_code error;
    for (fs::directory_iterator entry(path_, error), end; !error && entry != end;
         entry.increment(error)) {
        if (entry->path().extension() != ".log") others.push_back(entry->path());
    }
    for (const fs::path& path : others) fs::remove(path, error);
}

void SlurmRoundFolder::remove() const {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

}  // namespace lpusim
