#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "mimobox/bench.h"

#include "cli/bench_report.h"
#include "cli/json_line.h"

namespace mimobox::cli {
namespace {

using Json = nlohmann::ordered_json;

void add_times(Json& json, const BenchTimes& times) {
  json["samples"] = times.samples.size();
  json["min_ns"] = times.min.count();
  json["p50_ns"] = times.p50.count();
  json["p95_ns"] = times.p95.count();
  json["p99_ns"] = times.p99.count();
  json["average_ns"] = times.average.count();
  json["max_ns"] = times.max.count();
}

Json json_of(const BenchMachine& machine) {
  return {{"processor", machine.processor},
          {"processors", machine.processors},
          {"system", machine.system},
          {"engine", machine.engine},
          {"version", machine.version}};
}

Json json_of(const BenchWorkload& workload) {
  return {{"name", workload.name}, {"summary", workload.summary}, {"args", workload.args}};
}

Json json_of(const BenchMeasurement& measured) {
  Json json = {{"workload", measured.workload.empty() ? Json() : Json(measured.workload)},
               {"stage", bench_stage_name(measured.stage)}};
  add_times(json, measured.times);
  json["peak_memory_bytes"] = measured.peak_memory_bytes;
  json["memory_limit_bytes"] = measured.memory_limit_bytes;
  return json;
}

Json json_of(const BenchThroughput& measured) {
  return {{"workload", measured.workload},
          {"threads", measured.threads},
          {"runs", measured.runs},
          {"runs_per_second", measured.runs_per_second},
          {"speed_up", measured.speed_up}};
}

Json json_of(const BenchContender& contender) {
  Json json = {{"name", contender.name},
               {"program", contender.program},
               {"version", contender.version},
               {"failure", contender.failure.empty() ? Json() : Json(contender.failure)}};
  add_times(json, contender.times);
  json["ratio"] = contender.failure.empty() ? Json(contender.ratio) : Json();
  return json;
}

Json json_of(const BenchMissing& missing) {
  return {{"what", missing.what}, {"why", missing.why}};
}

Json json_of(const BenchCheck& check) {
  return {{"workload", check.workload.empty() ? Json() : Json(check.workload)},
          {"stage", bench_stage_name(check.target.stage)},
          {"p50_below_ns", check.target.p50_below.count()},
          {"p50_ns", check.p50.count()},
          {"passed", check.passed}};
}

Json json_of(const BenchComparison& comparison);

template <class List>
Json array_of(const List& list) {
  Json array = Json::array();
  for (const auto& item : list)
    array.push_back(json_of(item));
  return array;
}

Json json_of(const BenchComparison& comparison) {
  return {{"workload", comparison.workload}, {"contenders", array_of(comparison.contenders)}};
}

}  // namespace

std::string bench_json(const BenchReport& report, int exit_status) {
  return json_line({{"machine", json_of(report.machine)},
                    {"workloads", array_of(report.workloads)},
                    {"measurements", array_of(report.measurements)},
                    {"throughput", array_of(report.throughput)},
                    {"comparisons", array_of(report.comparisons)},
                    {"missing", array_of(report.missing)},
                    {"targets", array_of(report.checks)},
                    {"passed", report.passed()},
                    {"stopped", report.stopped},
                    {"exit_status", exit_status}});
}

}  // namespace mimobox::cli
