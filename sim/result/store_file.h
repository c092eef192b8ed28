#pragma once

#include <exception>
#include <filesystem>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>

#include "sim/result/result_json.h"
#include "sim/result/result_store.h"

namespace lpusim {

/// Of the tables. Rises when a reader of the old ones could misread the new ones.
inline constexpr int kStoreVersion = 1;

/// The SQLite file of a store, known to be one. Throws StoreError.
SQLite::Database open_store_to_read(const std::filesystem::path& path);
/// Made, with its tables, if it is not there.
SQLite::Database open_store_to_write(const std::filesystem::path& path, StoreJournal journal);

/// Leaves one file behind without a journal beside it, unless somebody else uses it, too.
void settle_journal(SQLite::Database& database) noexcept;

/// The error to throw for what SQLite or the reading of a row says.
StoreError store_error(const std::filesystem::path& path, const SQLite::Exception& error);
StoreError store_error(const std::filesystem::path& path, const ResultFormatError& error);

/// Runs something that uses a store, and throws StoreError for what goes wrong in it.
template <class Use>
decltype(auto) using_store(const std::filesystem::path& path, Use use) {
    try {
        return use();
    } catch (const SQLite::Exception& e) {
        throw store_error(path, e);
    } catch (const ResultFormatError& e) {
        throw store_error(path, e);
    }
}

}  // namespace lpusim
