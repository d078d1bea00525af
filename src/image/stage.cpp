// SPDX-License-Identifier: Apache-2.0
#include "image/stage.hpp"

#include <csignal>

#include "base/text.hpp"
#include "kernel/file.hpp"
#include "kernel/pipe.hpp"

namespace skiff::image {

Result<Stage> start_stage(const std::string& transfer, std::vector<std::string> arguments, std::vector<kernel::Program::Given> descriptors) {
    auto report = TRY(kernel::make_pipe());
    kernel::Program program;
    program.path = transfer;
    program.arguments = {"skiff-transfer"};
    program.arguments.insert(program.arguments.end(), arguments.begin(), arguments.end());
    program.descriptors = std::move(descriptors);
    program.descriptors.push_back({kernel::FdView(report.writer), k_report_descriptor});
    program.descriptors.push_back({kernel::FdView::of(2), 2});
    auto child = TRY(kernel::spawn(program));
    Stage stage;
    stage.child = std::move(child);
    stage.report = std::move(report.reader);
    return stage;
}

Result<TransferReport> finish_stage(Stage stage) {
    const std::string line = TRY(kernel::read_to_end(stage.report, k_longest_report));
    const kernel::Ending ending = TRY(stage.child.wait());
    if (line.empty() && ending.by_signal && ending.value == SIGPIPE) return Error::internal("whoever was to have it stopped reading");
    if (line.empty())
        return Error::internal("skiff-transfer ended without a report ({})", ending.by_signal ? kernel::signal_name(ending.value) : format("exit code {}", ending.value))
            .hint("a kernel that kills it for want of memory does that too");
    auto report = parse_report(line);
    if (report && ending.code() != 0) return Error::internal("skiff-transfer reported success and ended with code {}", ending.code());
    return report;
}

}  // namespace skiff::image
