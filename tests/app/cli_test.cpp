// Runs the program as its users do.

#include <chrono>
#include <fstream>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/report/text_table.h"
#include "sim/result/result_json.h"
#include "tests/result/result_schema.h"
#include "tests/result/scratch_folder.h"
#include "tests/support/subprocess.h"

namespace lpusim {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string kToy = "tests/app/data/toy.yaml";
const std::string kChip = "configs/hardware/test-chip.yaml";

/// `lpusim run` of the toy model on the test chip, with what is given besides.
Finished run_toy(const std::vector<std::string>& more, const std::string& formats = "int4-g64") {
    std::vector<std::string> arguments = {"run",       "--hardware", kChip,      "--model", kToy,
                                          "--context", "32",         "--format", formats};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_tool(arguments);
}

/// The result JSON without what depends on how the simulation went.
Json points_of(const std::string& document) {
    Json json = Json::parse(document);
    json.erase("simulator");
    return json;
}

void expect_bad_input(const Finished& finished, const std::string& errors) {
    EXPECT_EQ(finished.exit_code, 2);
    EXPECT_EQ(finished.errors, errors);
    EXPECT_EQ(finished.output, "");
}

TEST(Cli, SaysItsVersionAndNothingElse) {
    const Finished finished = run_tool({"--version"});
    EXPECT_EQ(finished.exit_code, 0);
    EXPECT_EQ(finished.errors, "");
    EXPECT_THAT(finished.output, AllOf(StartsWith("lpusim "), HasSubstr("\ngit revision "),
                                       HasSubstr("\nSystemC 2."), HasSubstr("\ntiming model ")));
    EXPECT_EQ(run_tool({"version"}).output, finished.output);
    EXPECT_EQ(run_tool({"--version", "--jason"}).exit_code, 2);
}

TEST(Cli, HelpsInEveryWay) {
    const Finished help = run_tool({"--help"});
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_EQ(help.errors, "");
    EXPECT_THAT(help.output,
                AllOf(HasSubstr("\n  run "), HasSubstr("\n  check "), HasSubstr("\n  describe "),
                      HasSubstr("\n  list "), Not(HasSubstr("worker "))));
    EXPECT_EQ(run_tool({"help"}).output, help.output);
    EXPECT_EQ(run_tool({"-h"}).output, help.output);

    const Finished run = run_tool({"run", "--help"});
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_THAT(run.output, AllOf(HasSubstr("--hardware FILE"), HasSubstr("--layers N"),
                                  HasSubstr("--every-cycle")));
    EXPECT_EQ(run_tool({"help", "run"}).output, run.output);
    EXPECT_EQ(run_tool({"--help", "run"}).output, run.output);
    for (const char* verb :
         {"audit", "check", "describe", "list", "version", "quantize", "pack", "unpack"}) {
        EXPECT_THAT(run_tool({verb, "--help"}).output,
                    StartsWith(std::string("Usage: lpusim ") + verb));
    }
}

TEST(Cli, WithoutAVerbShowsHelpAndFails) {
    const Finished finished = run_tool({});
    EXPECT_EQ(finished.exit_code, 2);
    EXPECT_EQ(finished.output, "");
    EXPECT_THAT(finished.errors, StartsWith("Usage: lpusim VERB"));
}

TEST(Cli, SuggestsTheVerbThatWasMeant) {
    expect_bad_input(run_tool({"rnu"}), "error: unknown verb 'rnu'; did you mean 'run'?\n");
    expect_bad_input(run_tool({"x/y"}), "error: unknown verb 'x/y'; see 'lpusim --help'\n");
    expect_bad_input(run_tool({"help", "lst"}),
                     "error: unknown verb 'lst'; did you mean 'list'?\n");
}

TEST(Cli, ListsWhatIsShipped) {
    const Finished finished = run_tool({"list"});
    EXPECT_EQ(finished.exit_code, 0);
    EXPECT_EQ(finished.errors, "");
    EXPECT_THAT(finished.output, HasSubstr("\n  lpu-80gbs  "));
    EXPECT_THAT(finished.output, HasSubstr("68,976,648,192 parameters"));
    EXPECT_THAT(finished.output, HasSubstr("\n  w3p5-g64 "));
    EXPECT_THAT(finished.output, HasSubstr(" 4.2500 bits "));
    EXPECT_THAT(finished.output, Not(HasSubstr("has errors")));
}

TEST(Cli, DescribesEveryKindOfFile) {
    const std::string hardware = run_tool({"describe", "hardware"}).output;
    const std::string format = run_tool({"describe", "format"}).output;
    const std::string model = run_tool({"describe", "model"}).output;
    const std::string sweep = run_tool({"describe", "sweep"}).output;
    const std::string slurm = run_tool({"describe", "slurm"}).output;
    EXPECT_THAT(hardware, HasSubstr("unpack.lanes"));
    const std::string claims = run_tool({"describe", "claims"}).output;
    EXPECT_EQ(run_tool({"describe"}).output, hardware + "\n" + format + "\n" + model + "\n" +
                                                 sweep + "\n" + slurm + "\n" + claims);
    expect_bad_input(
        run_tool({"describe", "hardwear"}),
        "error: unknown kind 'hardwear'; allowed: hardware, format, model, sweep, slurm or "
        "claims; did you mean "
        "'hardware'?\n");

    // No line is wider than the page, and what is broken goes on under where it began.
    EXPECT_THAT(hardware, HasSubstr("GiB/s, TiB/s) from 1 B/s to\n    1000 TB/s\n"));
    std::istringstream lines(hardware + format + model + sweep + slurm + claims);
    for (std::string text; std::getline(lines, text);) EXPECT_LE(display_width(text), 100U) << text;
}

TEST(Cli, ChecksFiles) {
    const Finished good = run_tool({"check", kChip, kToy, "configs/formats/int8.yaml"});
    EXPECT_EQ(good.exit_code, 0);
    EXPECT_EQ(good.errors, "");
    EXPECT_EQ(good.output,
              kChip + ": ok (hardware \"test-chip\")\n" + kToy +
                  ": ok (model \"toy\")\nconfigs/formats/int8.yaml: ok (format \"int8\")\n");
}

TEST(Cli, ChecksTheOtherFilesWhenOneIsBad) {
    const ScratchFolder folder;
    std::ofstream(folder.file("bad.yaml")) << "kind: model\nname: bad\nlayrs: 3\nhidden: -1\n";
    const Finished finished = run_tool({"check", folder.file("bad.yaml"), kChip, "none.yaml"});
    EXPECT_EQ(finished.exit_code, 2);
    EXPECT_EQ(finished.output, kChip + ": ok (hardware \"test-chip\")\n");
    EXPECT_THAT(finished.errors, HasSubstr("bad.yaml:3:1: error: "));
    EXPECT_THAT(finished.errors, HasSubstr("bad.yaml:4:9: error: "));
    EXPECT_THAT(finished.errors, HasSubstr("none.yaml: error: no such file\n"));
    expect_bad_input(run_tool({"check"}), "error: no file to check; see 'lpusim check --help'\n");
}

TEST(CliRun, ExplainsBadOptions) {
    const auto allowed = [](const char* option, const char* got, const char* allowed_values) {
        return std::string("error: ") + option + ": got '" + got + "'; allowed: " + allowed_values +
               "\n";
    };
    for (const char* number : {"0", "-1", "1.5", "nan", "", "1e3", "99999999999999999999"}) {
        expect_bad_input(run_toy({"--batch", number}),
                         allowed("--batch", number, "a whole number from 1 to 65536"));
    }
    expect_bad_input(run_toy({"--layers", "0"}),
                     allowed("--layers", "0", "a whole number from 1 to 10000"));
    expect_bad_input(run_toy({"--jobs", "none"}),
                     allowed("--jobs", "none", "a whole number from 1 to 1024"));
    expect_bad_input(run_toy({"--kv-bits", "4"}), allowed("--kv-bits", "4", "8 or 16"));
    expect_bad_input(run_toy({"--phase", "encode"}), allowed("--phase", "encode", "decode"));
    expect_bad_input(run_toy({"--phase", "prefill"}),
                     "error: --phase: prefill cannot be simulated yet; allowed: decode\n");
    expect_bad_input(run_toy({"--formt", "int8"}),
                     "error: unknown option '--formt'; did you mean '--format'?\n");
    expect_bad_input(run_toy({}, "int8,int8"), "error: --format: 'int8' stands there twice\n");
    expect_bad_input(run_toy({"--dump-program", "--json", "x"}),
                     "error: --dump-program runs nothing, so there is no result for --json\n");
}

TEST(CliRun, TellsAllThatIsMissing) {
    expect_bad_input(run_tool({"run", "--batch", "0"}),
                     "error: --hardware is missing; see 'lpusim run --help'\n"
                     "error: --model is missing; see 'lpusim run --help'\n"
                     "error: --format is missing; see 'lpusim run --help'\n"
                     "error: --batch: got '0'; allowed: a whole number from 1 to 65536\n");
}

TEST(CliRun, TellsAllThatIsWrongWithItsFiles) {
    const Finished finished = run_tool(
        {"run", "--hardware", "none.yaml", "--model", "tinyllama", "--format", "int4-g65"});
    EXPECT_EQ(finished.exit_code, 2);
    EXPECT_THAT(finished.errors, HasSubstr("none.yaml: error: no such file\n"));
    EXPECT_THAT(finished.errors, HasSubstr("error: unknown model 'tinyllama'"));
    EXPECT_THAT(finished.errors, HasSubstr("error: unknown format 'int4-g65'; "));
    EXPECT_THAT(finished.errors, HasSubstr("did you mean 'int4-g64'?"));
}

TEST(CliRun, TellsWhatCannotBeSimulated) {
    expect_bad_input(run_toy({"--layers", "5"}), "error: --layers: got 5, but toy has 4 layers\n");
    const Finished encoder =
        run_tool({"run", "--hardware", kChip, "--model", "bert-base", "--format", "int8,fp16"});
    EXPECT_EQ(encoder.exit_code, 2);
    // Once, though it holds for each format.
    EXPECT_EQ(encoder.errors,
              "error: bert-base is an encoder; only decoders can be simulated so far\n");
}

TEST(CliRun, PrintsAProjectionThatIsPlainWhenPiped) {
    const Finished finished = run_toy({}, "int4-g64,w3p5-g64");
    EXPECT_EQ(finished.exit_code, 0);
    EXPECT_EQ(finished.errors, "");
    EXPECT_THAT(finished.output, StartsWith("toy on test-chip: time per token\n"));
    EXPECT_THAT(finished.output, HasSubstr("speed-up against int4-g64"));
    EXPECT_THAT(finished.output, Not(HasSubstr("\x1b")));
    EXPECT_THAT(finished.output, Not(HasSubstr("\r")));
}

TEST(CliRun, JsonAloneGoesToStandardOutput) {
    const Finished finished = run_toy({"--json", "-"}, "int4-g64,w3p5-g64");
    EXPECT_EQ(finished.exit_code, 0);
    EXPECT_EQ(finished.errors, "");
    EXPECT_EQ(schema_violations(finished.output), "");
    const Json document = Json::parse(finished.output);
    ASSERT_EQ(document["points"].size(), 2U);
    EXPECT_EQ(document["points"][0]["inputs"]["format_name"], "int4-g64");
    EXPECT_EQ(document["points"][0]["bottleneck"]["unit"], "WeightStream");
    EXPECT_EQ(document["simulator"]["points"].size(), 2U);
}

TEST(CliRun, JsonInAFileComesWithTheTable) {
    const ScratchFolder folder;
    const Finished finished = run_toy({"--json", folder.file("result.json")});
    EXPECT_EQ(finished.exit_code, 0);
    EXPECT_THAT(finished.output, StartsWith("toy on test-chip"));
    EXPECT_EQ(schema_violations(content_of(folder.file("result.json"))), "");
    EXPECT_EQ(points_of(content_of(folder.file("result.json"))),
              points_of(run_toy({"--json", "-"}).output));
}

TEST(CliRun, ResultsDependOnInputsAlone) {
    const std::string formats = "fp16,int4-g64,w3p5-col";
    const Json points = points_of(run_toy({"--json", "-"}, formats).output);
    EXPECT_EQ(points.dump(),
              points_of(run_toy({"--json", "-", "--jobs", "1"}, formats).output).dump());
    EXPECT_EQ(points.dump(),
              points_of(run_toy({"--json", "-", "--jobs", "9"}, formats).output).dump());
    EXPECT_EQ(points.dump(),
              points_of(run_toy({"--json", "-", "--every-cycle"}, formats).output).dump());
    EXPECT_EQ(points["points"][0]["inputs"]["format_name"], "fp16");
    EXPECT_EQ(points["points"][2]["inputs"]["format_name"], "w3p5-col");
}

TEST(CliRun, EveryCycleIsAccountedFor) {
    const Json document = Json::parse(run_toy({"--json", "-"}).output);
    const Json& point = document["points"][0];
    for (const auto& [engine, states] : point["units"].items()) {
        std::uint64_t sum = 0;
        for (const auto& [state, cycles] : states.items()) sum += cycles.get<std::uint64_t>();
        EXPECT_EQ(sum, point["cycles"]) << engine;
    }
    std::uint64_t operators = 0;
    for (const Json& op : point["operators"]) operators += op["cycles"].get<std::uint64_t>();
    EXPECT_EQ(operators, point["cycles"]);
}

TEST(CliRun, FewerLayersAreLessWorkAndSaidToBe) {
    const Json whole = Json::parse(run_toy({"--json", "-"}).output)["points"][0];
    const Json all = Json::parse(run_toy({"--json", "-", "--layers", "4"}).output)["points"][0];
    EXPECT_EQ(all.dump(), whole.dump());
    std::uint64_t cycles = 0;
    for (const char* layers : {"1", "2", "3"}) {
        const Finished json = run_toy({"--json", "-", "--layers", layers});
        EXPECT_EQ(schema_violations(json.output), "");
        const Json fewer = Json::parse(json.output)["points"][0];
        EXPECT_EQ(fewer["layers_simulated"].dump(), layers);
        EXPECT_EQ(fewer["layers_total"], 4);
        EXPECT_GT(fewer["cycles"], cycles);
        EXPECT_LT(fewer["stream_bytes"], whole["stream_bytes"]);
        EXPECT_EQ(fewer["model_bytes"], whole["model_bytes"]);
        cycles = fewer["cycles"].get<std::uint64_t>();
    }
    EXPECT_LT(cycles, whole["cycles"]);
    EXPECT_THAT(run_toy({"--layers", "1"}).output, HasSubstr("figures are of 1 of 4 layers"));
}

TEST(CliRun, DumpsThePrograms) {
    const Finished finished = run_toy({"--dump-program"}, "int4-g64,fp16");
    EXPECT_EQ(finished.exit_code, 0);
    EXPECT_THAT(finished.output,
                StartsWith("# toy on test-chip, weights in int4-g64: one token\n"));
    EXPECT_THAT(finished.output, HasSubstr("\n# toy on test-chip, weights in fp16: one token\n"));
    EXPECT_THAT(finished.output, HasSubstr("q_proj"));
}

TEST(CliRun, OutputThatCannotBeWrittenIsAFailure) {
    const Finished finished = run_toy({"--json", "/nowhere/result.json"});
    EXPECT_EQ(finished.exit_code, 2);
    EXPECT_EQ(finished.output, "");
    EXPECT_EQ(finished.errors,
              "error: --json: cannot write /nowhere/result.json: folder /nowhere does not exist\n");

    const Finished full =
        run_program({"/bin/sh", "-c", "exec " LPUSIM_EXECUTABLE " list > /dev/full"});
    EXPECT_EQ(full.exit_code, 1);
    EXPECT_EQ(full.errors, "lpusim: cannot write to standard output\n");
}

/// A run that takes minutes, as arguments of a shell.
std::string endless_run() {
    return LPUSIM_EXECUTABLE
        " run --hardware configs/hardware/lpu-80gbs.yaml --model workloads/models/llama2-70b.yaml "
        "--format int8 --every-cycle --jobs 1";
}

TEST(CliRun, NamesTheWorkerThatDied) {
    const Finished finished = run_program({"/bin/sh", "-c", "ulimit -t 1; exec " + endless_run()});
    EXPECT_EQ(finished.exit_code, 1);
    EXPECT_THAT(finished.errors,
                StartsWith("lpusim: int8: the worker process was killed by signal "));
    EXPECT_EQ(finished.output, "");
}

TEST(CliRun, EndsWith130WhenInterrupted) {
    const Finished finished = run_program(
        {"/bin/sh", "-c",
         "exec timeout --foreground --preserve-status --signal INT 1 " + endless_run()});
    EXPECT_EQ(finished.exit_code, 130);
    EXPECT_EQ(finished.errors, "lpusim: stopped by signal 2 (Interrupt)\n");
    EXPECT_EQ(finished.output, "");
}

// cat reads until the last process that could still write has ended: the worker is one of them.
TEST(CliRun, WorkersDieWithTheirParent) {
    const auto started = std::chrono::steady_clock::now();
    run_program({"/bin/sh", "-c", "timeout --signal KILL 1 " + endless_run() + " 2>&1 | cat"});
    EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(20));
}

}  // namespace
}  // namespace lpusim
