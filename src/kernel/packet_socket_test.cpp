// SPDX-License-Identifier: Apache-2.0
#include "kernel/packet_socket.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "kernel/file.hpp"

namespace skiff::kernel {
namespace {

TEST(PacketSocket, AMessageArrivesWholeWithItsDescriptors) {
    auto pair = make_packet_pair();
    auto pipe = make_pipe();
    ASSERT_TRUE(pair && pipe);
    const std::array<FdView, 1> beside{pipe->reader};
    ASSERT_TRUE(send_packet(pair->one, bytes_of("he"), bytes_of("llo"), beside));
    ASSERT_TRUE(send_packet(pair->one, bytes_of("2")));

    std::array<std::byte, 64> buffer;
    auto packet = receive_packet(pair->other, buffer);
    ASSERT_TRUE(packet);
    EXPECT_EQ(text_of(Bytes(buffer).first(packet->size)), "hello");
    ASSERT_EQ(packet->descriptors.size(), 1u);

    ASSERT_TRUE(write_all(pipe->writer, bytes_of("x")));
    pipe->writer.reset();
    EXPECT_EQ(*read_to_end(packet->descriptors[0]), "x");
}

TEST(PacketSocket, AMessageThatIsTooLongIsRefusedAndTheNextStillArrives) {
    auto pair = make_packet_pair();
    ASSERT_TRUE(pair);
    ASSERT_TRUE(send_packet(pair->one, bytes_of("much too long")));
    ASSERT_TRUE(send_packet(pair->one, bytes_of("ok")));
    std::array<std::byte, 4> buffer;
    EXPECT_FALSE(receive_packet(pair->other, buffer));
    auto next = receive_packet(pair->other, buffer);
    ASSERT_TRUE(next);
    EXPECT_EQ(text_of(Bytes(buffer).first(next->size)), "ok");
}

TEST(PacketSocket, AClosedPeerIsAnEmptyMessageAndAnErrorButNeverASignal) {
    auto pair = make_packet_pair();
    ASSERT_TRUE(pair);
    pair->one.reset();
    std::array<std::byte, 4> buffer;
    auto end = receive_packet(pair->other, buffer);
    ASSERT_TRUE(end);
    EXPECT_EQ(end->size, 0u);
    auto sent = send_packet(pair->other, bytes_of("x"));
    ASSERT_FALSE(sent);
    EXPECT_TRUE(sent.error().is_errno(EPIPE));
}

TEST(PacketSocket, AVeryLongDirectoryStillHasASocket) {
    std::array<char, 32> name{"/tmp/skiff-test-XXXXXX"};
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    const std::string top = name.data();
    const std::string path = top + "/" + std::string(200, 'd');
    ASSERT_TRUE(make_directories(path, 0700));
    auto directory = open_directory(path);
    ASSERT_TRUE(directory);
    auto absent = connect_for_packets(*directory, "control.sock");
    ASSERT_FALSE(absent);
    EXPECT_TRUE(absent.error().is(Kind::not_found));

    auto listener = listen_for_packets(*directory, "control.sock");
    ASSERT_TRUE(listener) << listener.error().text();
    EXPECT_FALSE(*accept_packets(*listener));
    auto client = connect_for_packets(*directory, "control.sock");
    ASSERT_TRUE(client) << client.error().text();
    EXPECT_TRUE(*accept_packets(*listener));
    ASSERT_TRUE(remove_tree(top));
}

}  // namespace
}  // namespace skiff::kernel
