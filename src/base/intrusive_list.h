#ifndef MIMOBOX_BASE_INTRUSIVE_LIST_H_
#define MIMOBOX_BASE_INTRUSIVE_LIST_H_

namespace mimobox::base {

/// What stands in an `IntrusiveList`; to be derived from. It is in one list at most.
class ListNode {
 public:
  ListNode() = default;
  ListNode(const ListNode&) = delete;
  ListNode& operator=(const ListNode&) = delete;

 protected:
  ~ListNode() = default;

 private:
  template <class T>
  friend class IntrusiveList;
  ListNode* next_ = nullptr;  ///< null: in no list
  ListNode* previous_ = nullptr;
};

/// A list whose members bring the room that it needs, so that nothing allocates or fails. They are
/// borrowed. Not synchronized.
template <class T>
class IntrusiveList {
 public:
  IntrusiveList() noexcept { head_.next_ = head_.previous_ = &head_; }
  IntrusiveList(const IntrusiveList&) = delete;
  IntrusiveList& operator=(const IntrusiveList&) = delete;
  ~IntrusiveList() = default;

  [[nodiscard]] bool empty() const noexcept { return head_.next_ == &head_; }
  /// Whether it is in a list.
  [[nodiscard]] static bool contains(const ListNode& node) noexcept {
    return node.next_ != nullptr;
  }

  /// `node` is in no list.
  void add(ListNode& node) noexcept {
    node.next_ = head_.next_;
    node.previous_ = &head_;
    head_.next_->previous_ = &node;
    head_.next_ = &node;
  }
  /// `node` is in this list.
  void remove(ListNode& node) noexcept {
    node.previous_->next_ = node.next_;
    node.next_->previous_ = node.previous_;
    node.next_ = node.previous_ = nullptr;
  }

  /// Calls `visit(T&)` for each member; `visit` changes no list.
  template <class Visit>
  void for_each(Visit visit) const {
    for (ListNode* node = head_.next_; node != &head_; node = node->next_)
      visit(static_cast<T&>(*node));
  }

 private:
  struct Head : ListNode {};
  Head head_;
};

}  // namespace mimobox::base

#endif  // MIMOBOX_BASE_INTRUSIVE_LIST_H_
