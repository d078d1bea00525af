// SPDX-License-Identifier: Apache-2.0
// Network devices by rtnetlink: one request, one answer, nothing kept.
#include "kernel/net_device.hpp"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <functional>

#include "base/text.hpp"
#include "kernel/file.hpp"

namespace skiff::kernel {
namespace {

/// A message under construction: header, the family's fixed part, attributes.
class Request {
public:
    template <class Fixed>
    Request(uint16_t type, uint16_t flags, const Fixed& fixed) : bytes_(NLMSG_HDRLEN, '\0') {
        header_.nlmsg_type = type;
        header_.nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | flags);
        append(&fixed, sizeof fixed);
    }
    void attribute(uint16_t type, const void* data, size_t size) {
        const rtattr head{static_cast<uint16_t>(RTA_LENGTH(size)), type};
        append(&head, sizeof head);
        append(data, size);
    }
    void attribute(uint16_t type, const std::string& bytes) { attribute(type, bytes.data(), bytes.size()); }
    void text_attribute(uint16_t type, const std::string& text) { attribute(type, text.c_str(), text.size() + 1); }
    /// With its header in place.
    const std::string& finish() {
        header_.nlmsg_len = static_cast<uint32_t>(bytes_.size());
        std::memcpy(bytes_.data(), &header_, sizeof header_);
        return bytes_;
    }

private:
    void append(const void* data, size_t size) {
        bytes_.append(static_cast<const char*>(data), size);
        bytes_.resize((bytes_.size() + 3) / 4 * 4, '\0');
    }
    nlmsghdr header_{};
    std::string bytes_;
};

/// Messages are not const: the macros of linux/netlink.h would cast that away.
using Visitor = std::function<void(nlmsghdr&)>;

/// Sends it and shows each message of the answer to `visit`, until the kernel says that this was all.
Result<> ask(FdView socket, Request& request, const Visitor& visit = {}) {
    const std::string& bytes = request.finish();
    if (send(socket.number(), bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) return Error::system(errno, "ask rtnetlink");
    alignas(nlmsghdr) std::array<char, 32768> answer;  // the kernel fills at most so much at a time
    while (true) {
        const ssize_t got = recv(socket.number(), answer.data(), answer.size(), MSG_TRUNC);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return Error::system(errno, "hear from rtnetlink");
        if (static_cast<size_t>(got) > answer.size()) return Error::internal("rtnetlink's answer is longer than {} bytes", answer.size());
        auto left = static_cast<unsigned>(got);
        for (auto* message = reinterpret_cast<nlmsghdr*>(answer.data()); NLMSG_OK(message, left); message = NLMSG_NEXT(message, left)) {
            if (message->nlmsg_type == NLMSG_DONE) return {};
            if (message->nlmsg_type == NLMSG_ERROR) {
                const int failure = -static_cast<const nlmsgerr*>(NLMSG_DATA(message))->error;
                if (failure == 0) return {};
                return Error::system(failure, "rtnetlink");
            }
            if (visit) visit(*message);
        }
    }
}

Result<Fd> open_socket() {
    const int number = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (number < 0) return Error::system(errno, "open a socket to rtnetlink");
    return Fd::adopt(number);
}

/// What RTM_NEWADDR takes back; the kernel keeps its own accounts of the rest.
bool is_given(uint16_t attribute) {
    return attribute == IFA_ADDRESS || attribute == IFA_LOCAL || attribute == IFA_BROADCAST || attribute == IFA_RT_PRIORITY;
}

DeviceAddress read_address(nlmsghdr& message) {
    auto* fixed = static_cast<ifaddrmsg*>(NLMSG_DATA(&message));
    DeviceAddress address{.family = fixed->ifa_family, .prefix_length = fixed->ifa_prefixlen, .scope = fixed->ifa_scope, .flags = fixed->ifa_flags, .attributes = {}};
    auto left = static_cast<unsigned>(IFA_PAYLOAD(&message));
    for (auto* attribute = IFA_RTA(fixed); RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
        const std::string value(static_cast<const char*>(RTA_DATA(attribute)), RTA_PAYLOAD(attribute));
        if (attribute->rta_type == IFA_FLAGS && value.size() == sizeof address.flags) std::memcpy(&address.flags, value.data(), sizeof address.flags);
        if (is_given(attribute->rta_type)) address.attributes.emplace_back(attribute->rta_type, value);
    }
    return address;
}

}  // namespace

bool is_device_name(std::string_view name) {
    return !name.empty() && name.size() < IFNAMSIZ && name != "." && name != ".." && name.find_first_of(std::string_view("/: \t\n\v\f\r\0", 9)) == std::string_view::npos;
}

Result<NetDevices> NetDevices::here() { return NetDevices(TRY(open_socket())); }

Result<NetDevices> NetDevices::in(FdView network) {
    const Fd own = TRY(open_file("/proc/self/ns/net", O_RDONLY));
    if (setns(network.number(), CLONE_NEWNET) != 0) return Error::system(errno, "enter the network namespace");
    auto socket = open_socket();
    if (setns(own.number(), CLONE_NEWNET) != 0) return Error::system(errno, "go back to our own network namespace");
    return NetDevices(TRY(std::move(socket)));
}

Result<NetDevice> NetDevices::find(const std::string& name) const {
    NetDevice device;
    Request link(RTM_GETLINK, NLM_F_ACK, ifinfomsg{});
    link.text_attribute(IFLA_IFNAME, name);
    auto found = ask(socket_, link, [&](nlmsghdr& message) {
        const auto* fixed = static_cast<const ifinfomsg*>(NLMSG_DATA(&message));
        device.index = fixed->ifi_index;
        device.is_up = fixed->ifi_flags & IFF_UP;
    });
    if (!found && found.error().is_errno(ENODEV)) return Error::not_found("there is no network device {}", quoted(name));
    TRY_DOING(std::move(found), "look for the network device {}", name);

    Request dump(RTM_GETADDR, NLM_F_DUMP, ifaddrmsg{});
    TRY_DOING(ask(socket_, dump, [&](nlmsghdr& message) {
        if (message.nlmsg_type != RTM_NEWADDR || static_cast<int>(static_cast<const ifaddrmsg*>(NLMSG_DATA(&message))->ifa_index) != device.index) return;
        DeviceAddress address = read_address(message);
        if (address.scope == RT_SCOPE_UNIVERSE && address.flags & IFA_F_PERMANENT) device.addresses.push_back(std::move(address));
    }), "read the addresses of {}", name);
    return device;
}

Result<> NetDevices::move(const NetDevice& device, FdView network, const std::string& name) const {
    ifinfomsg fixed{};
    fixed.ifi_index = device.index;
    Request request(RTM_NEWLINK, NLM_F_ACK, fixed);
    const int number = network.number();
    request.attribute(IFLA_NET_NS_FD, &number, sizeof number);
    request.text_attribute(IFLA_IFNAME, name);
    return ask(socket_, request);
}

Result<> NetDevices::set_up(int index, const NetDevice& device, bool is_up) const {
    for (const DeviceAddress& address : device.addresses) {
        ifaddrmsg fixed{};
        fixed.ifa_family = address.family;
        fixed.ifa_prefixlen = address.prefix_length;
        fixed.ifa_scope = address.scope;
        fixed.ifa_index = static_cast<unsigned>(index);
        Request request(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE, fixed);
        for (const auto& [type, value] : address.attributes) request.attribute(type, value);
        const uint32_t flags = address.flags & (IFA_F_NODAD | IFA_F_NOPREFIXROUTE | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR);
        if (flags) request.attribute(IFA_FLAGS, &flags, sizeof flags);
        TRY_DOING(ask(socket_, request), "give the device its address");
    }
    if (!is_up) return {};
    ifinfomsg fixed{};
    fixed.ifi_index = index;
    fixed.ifi_flags = fixed.ifi_change = IFF_UP;
    Request request(RTM_NEWLINK, NLM_F_ACK, fixed);
    return ask(socket_, request).context("bring the device up");
}

}  // namespace skiff::kernel
