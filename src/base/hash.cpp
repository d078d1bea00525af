// SPDX-License-Identifier: Apache-2.0
// OpenSSL's SHA-256 by its direct calls: EVP would pull three megabytes of providers into each static program.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/hash.hpp"

#include <openssl/sha.h>

namespace skiff {
inline namespace base {

struct Sha256::State { SHA256_CTX context; };

Sha256::Sha256() : state_(std::make_unique<State>()) { SHA256_Init(&state_->context); }
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::add(Bytes piece) { SHA256_Update(&state_->context, piece.data(), piece.size()); }

std::array<std::byte, 32> Sha256::finish() {
    std::array<std::byte, 32> sum{};
    SHA256_Final(reinterpret_cast<unsigned char*>(sum.data()), &state_->context);
    return sum;
}

std::string Sha256::finish_hex() { return to_hex(finish()); }

std::string Sha256::hex_of(Bytes whole) {
    Sha256 hash;
    hash.add(whole);
    return hash.finish_hex();
}

}  // namespace base
}  // namespace skiff
