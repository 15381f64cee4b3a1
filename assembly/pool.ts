/*
 * The worker pool: how one call is spread over the threads that run this module on one memory.
 *
 * A call is cut into tasks that don't depend on who computes them, so any number of threads gives the same
 * bits. The calling thread publishes (generation, tasks left) as one 64-bit word; a thread takes a task by
 * lowering that word with compare-and-swap, so a worker that wakes late finds no work and can't take a task
 * of another call. The caller takes its share and then waits until every task is done.
 *
 * Workers spin for a while before they sleep: the pause between two calls of a training step is some 20 µs,
 * and waking a sleeping thread costs more than that.
 */

/** Tasks left (low word) and generation (high word), one atomic i64. The blocks stand on lines of their own. */
const CLAIM: usize = 1024;
const GENERATION: usize = 1028;
/** How many tasks of the present call are finished. */
const DONE: usize = 1088;
/** How many workers sleep. */
const SLEEPERS: usize = 1152;
/** What stopped the pool: 0 nothing, 1 a worker failed, 2 told to end. */
const STOPPED: usize = 1216;
/** The present call: table index of its function, and how many tasks it has. */
const TASK: usize = 1280;
const TOTAL: usize = 1284;
/** Where kernels leave their arguments for the tasks; 2 KiB. */
const ARGUMENTS: usize = 2048;

/** How often a worker looks for work before it sleeps: about 0.2 ms. */
const SPINS = 200000;
/** How often the caller looks before it starts to pause 1 ms at a time. */
const PATIENCE = 4000000;
/** A task that takes longer than this many pauses is taken for lost. */
const PAUSES = 60000;

let threads = 1;
let thread = 0;
let scratch: usize = 0;

/** An argument of the present call; `offset` in bytes. */
export function argument(offset: usize): usize {
  return load<usize>(ARGUMENTS + offset);
}

/** A float among the arguments of the present call. */
export function argumentFloat(offset: usize): f32 {
  return load<f32>(ARGUMENTS + offset);
}

/** Leaves an argument for the tasks of the coming call. */
export function setArgument(offset: usize, value: usize): void {
  store<usize>(ARGUMENTS + offset, value);
}

/** Leaves a float for the tasks of the coming call. */
export function setArgumentFloat(offset: usize, value: f32): void {
  store<f32>(ARGUMENTS + offset, value);
}

/** This thread's number: 0 for the caller. */
export function threadNumber(): i32 {
  return thread;
}

/** This thread's own scratch memory. */
export function scratchOfThread(): usize {
  return scratch;
}

/** How many threads take tasks. */
export function threadCount(): i32 {
  return threads;
}

/** Tells this instance its scratch memory, how many threads there are, and which one it is. */
export function initialize(scratchPointer: usize, count: i32, number: i32): void {
  scratch = scratchPointer;
  thread = number;
  threads = count;
}

/** Runs `task` (a table index of a function of the task's number) for 0 … count − 1. */
export function parallel(task: i32, count: i32): void {
  if (ASC_FEATURE_THREADS) {
    if (threads > 1 && count > 1) {
      spread(task, count);
      return;
    }
  }
  for (let i = 0; i < count; i++) call_indirect<void>(task, i);
}

function spread(task: i32, count: i32): void {
  store<i32>(TASK, task);
  store<i32>(TOTAL, count);
  atomic.store<i32>(DONE, 0);
  const generation = atomic.load<u32>(GENERATION) + 1;
  atomic.store<u64>(CLAIM, ((<u64>generation) << 32) | <u64>count);
  if (atomic.load<i32>(SLEEPERS) > 0) atomic.notify(GENERATION, -1);
  takeTasks();
  let pauses = 0;
  for (let spins = 0; atomic.load<i32>(DONE) < count; spins++) {
    if (atomic.load<i32>(STOPPED) != 0) unreachable();
    if (spins < PATIENCE) continue;
    if (++pauses > PAUSES) {
      atomic.store<i32>(STOPPED, 1);
      unreachable();
    }
    atomic.wait<i32>(STOPPED, 0, 1000000);
  }
}

function takeTasks(): void {
  for (;;) {
    const claim = atomic.load<u64>(CLAIM);
    const left = <i32>claim;
    if (left == 0) return;
    if (atomic.cmpxchg<u64>(CLAIM, claim, claim - 1) != claim) continue;
    call_indirect<void>(load<i32>(TASK), load<i32>(TOTAL) - left);
    atomic.add<i32>(DONE, 1);
  }
}

/** A worker's life: takes tasks until the pool is stopped. */
export function serve(): void {
  if (ASC_FEATURE_THREADS) {
    let seen: u32 = 0;
    while (atomic.load<i32>(STOPPED) == 0) {
      takeTasks();
      seen = atomic.load<u32>(GENERATION);
      if (<i32>atomic.load<u64>(CLAIM) != 0) continue;
      let spins = 0;
      while (spins < SPINS && atomic.load<u32>(GENERATION) == seen) spins++;
      if (spins < SPINS) continue;
      atomic.add<i32>(SLEEPERS, 1);
      if (atomic.load<i32>(STOPPED) == 0) atomic.wait<i32>(GENERATION, <i32>seen, -1);
      atomic.sub<i32>(SLEEPERS, 1);
    }
  }
}

/** Ends the workers: reason 1 after a failure, 2 on purpose. */
export function stop(reason: i32): void {
  if (ASC_FEATURE_THREADS) {
    atomic.store<i32>(STOPPED, reason);
    atomic.add<u32>(GENERATION, 1);
    atomic.notify(GENERATION, -1);
  }
}

/** 0 while the pool works; else the reason given to `stop`. */
export function stopped(): i32 {
  return load<i32>(STOPPED);
}
