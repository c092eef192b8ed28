#pragma once

#include <string>
#include <vector>

namespace lpusim::app {

using Arguments = std::vector<std::string>;

inline constexpr int kSuccess = 0;
/// Something failed that the user's input did not cause.
inline constexpr int kFailure = 1;
/// Wrong usage, or an input file with errors.
inline constexpr int kBadInput = 2;

/// The whole program: arguments without the program's name to exit code.
int run_lpusim(const Arguments& arguments);

// One per verb, each in a file of its own. Arguments without the verb. Errors are thrown.

int run_verb(const Arguments& arguments);
int sweep_verb(const Arguments& arguments);
int results_verb(const Arguments& arguments);
int quantize_verb(const Arguments& arguments);
int pack_verb(const Arguments& arguments);
int unpack_verb(const Arguments& arguments);
int sensitivity_verb(const Arguments& arguments);
int report_verb(const Arguments& arguments);
int audit_verb(const Arguments& arguments);
int check_verb(const Arguments& arguments);
int describe_verb(const Arguments& arguments);
int list_verb(const Arguments& arguments);
int version_verb(const Arguments& arguments);

}  // namespace lpusim::app
