/* What all parts share, and the product of matrices. */
#pragma once
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

typedef float vec __attribute__((vector_size(64), aligned(4)));
enum { V = 512, L = 4, D = 64, LANES = 16, MR = 12, NR = 32, KC = 256, MC = 96, ROWS = 64 };
static int C = 256, T = 256, B, H, steps = 10, warmup = 3, rounds = 8;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}
static float *allocate(size_t count) {
  float *p = aligned_alloc(64, (count * 4 + 63) / 64 * 64);
  if (!p)
    exit((fputs("Error: out of memory\n", stderr), 1));
  memset(p, 0, count * 4);
  return p;
}

/* ---- product of matrices: packed panels, a kernel of MR x NR in registers ---- */

static void kernel(int k, const float *a, const float *b, float *c, int ldc, int m, int n, int add) {
  vec sum[MR][2] = {0};
  for (int p = 0; p < k; p++, a += MR, b += NR) {
    vec b0 = *(const vec *)b, b1 = *(const vec *)(b + LANES);
#pragma GCC unroll 12
    for (int i = 0; i < MR; i++)
      sum[i][0] += a[i] * b0, sum[i][1] += a[i] * b1;
  }
  if (m == MR && n == NR) {
#pragma GCC unroll 12
    for (int i = 0; i < MR; i++) {
      vec *c0 = (vec *)(c + (size_t)i * ldc), *c1 = c0 + 1;
      *c0 = add ? *c0 + sum[i][0] : sum[i][0];
      *c1 = add ? *c1 + sum[i][1] : sum[i][1];
    }
  } else {
    float edge[MR][NR];
    memcpy(edge, sum, sizeof edge);
    for (int i = 0; i < m; i++)
      for (int j = 0; j < n; j++)
        c[(size_t)i * ldc + j] = edge[i][j] + (add ? c[(size_t)i * ldc + j] : 0);
  }
}

/* A panel of `width` rows (of a matrix that is read in rows) or columns; what is missing is zero. */
static void pack(int k, int width, int have, const float *from, size_t step, size_t next, float *to) {
  if (have == width && next == 1)
    for (int p = 0; p < k; p++)
      memcpy(to + p * width, from + p * step, width * 4);
  else
    for (int i = 0; i < width; i++)
      for (int p = 0; p < k; p++)
        to[p * width + i] = i < have ? from[p * step + i * next] : 0;
}

static float *scratch(int which, size_t count) {
  static __thread float *kept[2];
  static __thread size_t sizes[2];
  if (sizes[which] < count)
    free(kept[which]), kept[which] = allocate(sizes[which] = count);
  return kept[which];
}

/* c [m, n] (+)= a b, where a is [m, k] or, turned, [k, m], and b is [k, n] or, turned, [n, k]. */
static void multiply(int ta, int tb, int m, int n, int k, const float *a, int lda, const float *b, int ldb,
                     float *c, int ldc, int add) {
  int panels = (n + NR - 1) / NR;
  float *packed = scratch(0, (size_t)panels * NR * KC);
#pragma omp parallel
  for (int k0 = 0; k0 < k; k0 += KC) {
    int kc = k - k0 < KC ? k - k0 : KC, more = add || k0 > 0;
    float *rows = scratch(1, MC * KC);
#pragma omp for
    for (int j = 0; j < panels; j++)
      pack(kc, NR, n - j * NR < NR ? n - j * NR : NR,
           tb ? b + (size_t)j * NR * ldb + k0 : b + (size_t)k0 * ldb + j * NR, tb ? 1 : ldb, tb ? ldb : 1,
           packed + (size_t)j * NR * KC);
#pragma omp for schedule(dynamic)
    for (int i0 = 0; i0 < m; i0 += MC) {
      int mc = m - i0 < MC ? m - i0 : MC;
      for (int i = 0; i < mc; i += MR)
        pack(kc, MR, mc - i < MR ? mc - i : MR,
             ta ? a + (size_t)k0 * lda + i0 + i : a + (size_t)(i0 + i) * lda + k0, ta ? lda : 1, ta ? 1 : lda,
             rows + i * KC);
      for (int j = 0; j < panels; j++)
        for (int i = 0; i < mc; i += MR)
          kernel(kc, rows + i * KC, packed + (size_t)j * NR * KC, c + (size_t)(i0 + i) * ldc + j * NR, ldc,
                 mc - i < MR ? mc - i : MR, n - j * NR < NR ? n - j * NR : NR, more);
    }
  }
}
