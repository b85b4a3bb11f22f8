// settings.h: every limit with its default and its bounds, from the table that also checks them.

#include <iostream>

#include "mimobox/settings.h"

int main() {
  for (const auto& setting : mimobox::limit_settings()) {
    std::cout << setting.field << " (" << setting.option << "): " << setting.help << "; default "
              << mimobox::format_setting(setting.unit, setting.get(mimobox::Limits{}))
              << "; allowed: " << setting.allowed() << '\n';
  }
  for (const auto& setting : mimobox::runtime_settings()) {
    std::cout << setting.field << ": " << setting.help << "; default "
              << mimobox::format_setting(setting.unit, setting.get(mimobox::RuntimeConfig{}))
              << "; allowed: " << setting.allowed() << '\n';
  }
  return 0;
}
