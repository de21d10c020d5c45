// Waits for something that happens in another process; fails in words when it does not.
import { setTimeout as sleep } from "node:timers/promises";

export async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited ${withinMs / 1000} s in vain: ${what}`);
    await sleep(20);
  }
}
