#ifndef MIMOBOX_BASE_OVERLOAD_H_
#define MIMOBOX_BASE_OVERLOAD_H_

namespace mimobox::base {

/// Several lambdas as one visitor of a variant, one for each of its kinds.
template <class... Ts>
struct Overload : Ts... {
  using Ts::operator()...;
};

}  // namespace mimobox::base

#endif  // MIMOBOX_BASE_OVERLOAD_H_
