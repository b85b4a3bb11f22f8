// doctor.h: whether this machine has what sandboxes need, for a service's start-up log.

#include <iostream>

#include "mimobox/doctor.h"

int main() {
  bool all_well = true;
  for (const mimobox::Check& check : mimobox::examine_host()) {
    std::cout << (check.ok ? "ok   " : "FIX  ") << check.name << ": " << check.found;
    if (!check.ok) std::cout << " -- " << check.advice;
    std::cout << '\n';
    all_well = all_well && check.ok;
  }
  return all_well ? 0 : 1;
}
