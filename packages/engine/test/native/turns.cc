// One that lets go of a lock and asks for it again at once does not get it before who waits. Compiled by turns.test.ts.
#include <cstdio>
#include <thread>
#include <vector>

#include "turns.h"

using namespace modx;

int main() {
    Turns turns;
    for (int round = 0; round < 200; round++) {
        std::vector<int> order;
        turns.lock();
        std::vector<std::thread> others;
        for (int other = 1; other <= 3; other++) {
            others.emplace_back([&turns, &order, other] {
                turns.lock();
                order.push_back(other);
                turns.unlock();
            });
            while (turns.asked() < static_cast<uint64_t>(other) + 1) std::this_thread::yield();
        }
        turns.unlock();
        turns.lock();
        order.push_back(0);
        turns.unlock();
        for (std::thread & other : others) other.join();
        if (order != std::vector<int>{1, 2, 3, 0}) return std::puts("out of turn"), 1;
    }
    std::puts("in turn");
}
