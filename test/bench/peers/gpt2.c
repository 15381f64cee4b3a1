/* GPT-2 in C, in the manner of llm.c: what this processor gives by hand. No libraries but OpenMP.
 *   cc -O3 -march=native -ffast-math -fopenmp -o gpt2 gpt2.c -lm
 *   ./gpt2 train|decode|check [--width 256] [--context 256] [--batch N] [--threads 2] [--steps 10] [--warmup
 * 3] [--rounds 8] `check` compares the gradient with a difference of losses. Linear weights are [inputs,
 * outputs], rows contiguous. */
#include "gpt2-decode.h"
#include "gpt2-train.h"

static int ascending(const void *a, const void *b) {
  double d = *(const double *)a - *(const double *)b;
  return (d > 0) - (d < 0);
}

int main(int argc, char **argv) {
  /* Threads wait for the next part of a step by spinning; OpenMP reads that once, when it is loaded. */
  if (!getenv("OMP_WAIT_POLICY"))
    setenv("OMP_WAIT_POLICY", "active", 1), execv("/proc/self/exe", argv);
  const char *task = argc > 1 ? argv[1] : "";
  int train = !strcmp(task, "train"), check = !strcmp(task, "check"), threads = 2;
  B = train || check ? 8 : 1;
  const struct {
    const char *name;
    int *value;
  } options[] = {{"--width", &C},     {"--context", &T},     {"--batch", &B},      {"--threads", &threads},
                 {"--steps", &steps}, {"--warmup", &warmup}, {"--rounds", &rounds}};
  for (int i = 2; i + 1 < argc; i += 2)
    for (int j = 0; j < 7; j++)
      if (!strcmp(argv[i], options[j].name))
        *options[j].value = atoi(argv[i + 1]);
  H = C / D;
  if ((!train && !check && strcmp(task, "decode")) || C % 128 || T % ROWS)
    return fputs("Error: say train, decode or check; widths are multiples of 128, contexts of 64\n", stderr),
           2;
  omp_set_num_threads(threads);
  initialize();
  double loss = 0, times[1000];
  int n = 0;
  if (check) {
    prepare();
    forward(), backward();
    for (int trial = 0; trial < 8; trial++) {
      size_t places[] = {3,
                         (size_t)V * C + 5,
                         at(0, LN1, 0) + 1,
                         at(1, QKV, 0) + 7,
                         at(2, QKV, 1) + 9,
                         at(3, FC, 0) + 11,
                         at(0, OUT, 0) + 13,
                         layer(L) + 1};
      size_t i = places[trial];
      float was = weights[i], width = 2e-2f, found = grads[i];
      weights[i] = was + width;
      double up = forward();
      weights[i] = was - width;
      double difference = (up - forward()) / (2 * width);
      weights[i] = was;
      printf("%9zu: gradient %.6f, difference %.6f\n", i, found, difference);
    }
    return 0;
  }
  if (train) {
    prepare();
    for (int step = 1; step <= warmup + steps; step++) {
      double start = now();
      loss = forward();
      backward();
      adamw(step);
      if (step > warmup && n < 1000)
        times[n++] = now() - start;
    }
  } else {
    size_t size = (size_t)L * B * T * C;
    float *keys = allocate(size), *values = allocate(size);
    for (int round = 0; round < rounds + 2; round++) {
      double took = generate(keys, values);
      if (round >= 2 && n < 1000)
        times[n++] = took;
    }
  }
  qsort(times, n, sizeof *times, ascending);
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  double ms = times[n / 2], tokens = train ? (double)B * T : B;
  printf("{\"engine\":\"C, gcc "
         "%s\",\"threads\":%d,\"batch\":%d,\"msMedian\":%.3f,\"tokensPerSecond\":%.0f,\"rssMB\":%ld,\"loss\":"
         "%.6f}\n",
         __VERSION__, threads, B, ms, 1e3 * tokens / ms, usage.ru_maxrss / 1024, loss);
  return 0;
}
