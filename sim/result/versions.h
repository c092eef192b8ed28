#pragma once

namespace lpusim {

/// Of the result JSON. Rises when a reader of the old one could misread the new one: a key is
/// renamed, removed or changes its meaning. Additions do not count.
inline constexpr int kSchemaVersion = 2;

/// Of the machine's behaviour in time. Rises with every change that can alter a cycle count
/// (CHANGELOG, "Timing model"), so that stored results of the old one are not taken for results of
/// the new one.
inline constexpr int kTimingModelVersion = 1;

}  // namespace lpusim
