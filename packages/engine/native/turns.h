// A lock that is given in the order in which it was asked for.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace modx {

// A std::mutex goes to whoever is awake: one that lets go of it and takes it again at once, as passes that run ahead do, keeps the others out.
class Turns {
  public:
    void lock() {
        std::unique_lock hold(guard);
        uint64_t mine = next++;
        changed.wait(hold, [&] { return mine == now; });
    }
    void unlock() {
        {
            std::lock_guard hold(guard);
            now++;
        }
        changed.notify_all();
    }
    // Those that hold it or wait for it.
    uint64_t asked() {
        std::lock_guard hold(guard);
        return next - now;
    }

  private:
    std::mutex guard;
    std::condition_variable changed;
    uint64_t next = 0, now = 0;
};

} // namespace modx
