#pragma once

#include <filesystem>

#include <SQLiteCpp/Database.h>

namespace lpusim {

/// Adds all that the store in `other` holds to the one that `database` has open, as one
/// transaction. Throws StoreError if both have a result for a point, and not the same one.
void merge_store(SQLite::Database& database, const std::filesystem::path& path,
                 const std::filesystem::path& other);

}  // namespace lpusim
