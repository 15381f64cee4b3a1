/* The weights, and the layers forward and backward. */
#pragma once
#include "gpt2-product.h"

/* ---- weights: one block, and places in it ---- */

static float *weights, *grads, *means, *squares;
static size_t count;
static size_t layer(int l) { return (size_t)(V + T) * C + l * ((size_t)12 * C * C + 13 * C); }
#define CC ((size_t)C * C)
enum place { LN1, QKV, PROJ, LN2, FC, OUT };
/* The weight of a part of layer l, and where its bias is. */
static size_t at(int l, enum place part, int bias) {
  size_t c = C, starts[] = {0, 2 * c, 5 * c + 3 * CC, 6 * c + 4 * CC, 8 * c + 4 * CC, 12 * c + 8 * CC};
  size_t sizes[] = {c, 3 * CC, CC, c, 4 * CC, 4 * CC};
  return layer(l) + starts[part] + (bias ? sizes[part] : 0);
}
static float normal(void) {
  static unsigned long long state = 1;
  float sum = 0;
  for (int i = 0; i < 12; i++)
    state = state * 6364136223846793005ull + 1442695040888963407ull, sum += (state >> 40) / 16777216.0f;
  return sum - 6;
}
static void initialize(void) {
  count = layer(L) + 2 * C;
  weights = allocate(count);
  for (size_t i = 0; i < (size_t)(V + T) * C; i++)
    weights[i] = 0.02f * normal();
  for (int l = 0; l < L; l++)
    for (int part = LN1; part <= OUT; part++)
      for (size_t i = at(l, part, 0); i < at(l, part, 1); i++)
        weights[i] = part == LN1 || part == LN2 ? 1 : 0.02f * normal();
  for (int i = 0; i < C; i++)
    weights[layer(L) + i] = 1;
}

/* ---- the parts of a step; N rows of width C ---- */

static void norm(int N, const float *x, const float *w, const float *b, float *y, float *stats) {
#pragma omp parallel for
  for (int r = 0; r < N; r++) {
    const float *in = x + (size_t)r * C;
    float sum = 0, square = 0;
    for (int i = 0; i < C; i++)
      sum += in[i];
    float mean = sum / C;
    for (int i = 0; i < C; i++)
      square += (in[i] - mean) * (in[i] - mean);
    float scale = 1 / sqrtf(square / C + 1e-5f);
    for (int i = 0; i < C; i++)
      y[(size_t)r * C + i] = (in[i] - mean) * scale * w[i] + b[i];
    if (stats)
      stats[2 * r] = mean, stats[2 * r + 1] = scale;
  }
}
/* dx += the gradient of norm; dw and db are set. */
static void norm_back(int N, const float *dy, const float *x, const float *w, const float *stats, float *dx,
                      float *dw, float *db) {
#pragma omp parallel
  {
#pragma omp for
    for (int r = 0; r < N; r++) {
      const float *in = x + (size_t)r * C, *d = dy + (size_t)r * C;
      float mean = stats[2 * r], scale = stats[2 * r + 1], sum = 0, dot = 0;
      for (int i = 0; i < C; i++)
        sum += d[i] * w[i], dot += d[i] * w[i] * (in[i] - mean) * scale;
      for (int i = 0; i < C; i++)
        dx[(size_t)r * C + i] += scale * (d[i] * w[i] - sum / C - (in[i] - mean) * scale * dot / C);
    }
#pragma omp for
    for (int c = 0; c < C; c += D) {
      float sw[D] = {0}, sb[D] = {0};
      for (int r = 0; r < N; r++)
        for (int i = 0; i < D; i++) {
          float d = dy[(size_t)r * C + c + i];
          sb[i] += d, sw[i] += d * (x[(size_t)r * C + c + i] - stats[2 * r]) * stats[2 * r + 1];
        }
      memcpy(dw + c, sw, sizeof sw), memcpy(db + c, sb, sizeof sb);
    }
  }
}
static void add_bias(int N, int n, float *y, const float *b, const float *more) {
#pragma omp parallel for
  for (int r = 0; r < N; r++)
    for (int i = 0; i < n; i++)
      y[(size_t)r * n + i] += b[i] + (more ? more[(size_t)r * n + i] : 0);
}
/* y = x w + b (+ more) */
static void linear(int N, int in, int out, const float *x, size_t place, size_t bias, float *y,
                   const float *more) {
  multiply(0, 0, N, out, in, x, in, weights + place, out, y, out, 0);
  add_bias(N, out, y, weights + bias, more);
}
static void linear_back(int N, int in, int out, const float *dy, const float *x, size_t place, size_t bias,
                        float *dx) {
  multiply(0, 1, N, in, out, dy, out, weights + place, out, dx, in, 0);
  multiply(1, 0, in, out, N, x, in, dy, out, grads + place, out, 0);
#pragma omp parallel for
  for (int c = 0; c < out; c += D) {
    float sum[D] = {0};
    for (int r = 0; r < N; r++)
      for (int i = 0; i < D; i++)
        sum[i] += dy[(size_t)r * out + c + i];
    memcpy(grads + bias + c, sum, sizeof sum);
  }
}
static inline float bend(float x) { return tanhf(0.7978845608f * (x + 0.044715f * x * x * x)); }
static void gelu(size_t n, const float *x, float *y) {
#pragma omp parallel for simd
  for (size_t i = 0; i < n; i++)
    y[i] = 0.5f * x[i] * (1 + bend(x[i]));
}
static void gelu_back(size_t n, const float *x, float *d) {
#pragma omp parallel for simd
  for (size_t i = 0; i < n; i++) {
    float t = bend(x[i]);
    d[i] *= 0.5f * (1 + t) + 0.5f * x[i] * (1 - t * t) * 0.7978845608f * (1 + 3 * 0.044715f * x[i] * x[i]);
  }
}
static void softmax(float *x, int n) {
  float high = -INFINITY, sum = 0;
  for (int i = 0; i < n; i++)
    high = fmaxf(high, x[i]);
  for (int i = 0; i < n; i++)
    sum += x[i] = expf(x[i] - high);
  for (int i = 0; i < n; i++)
    x[i] /= sum;
}

/* Causal attention, ROWS queries at a time against the keys up to the last of them; p keeps the
 * probabilities. */
static void attention(const float *qkv, float *p, float *y) {
  float scale = 1 / sqrtf(D);
#pragma omp parallel for schedule(dynamic)
  for (int bh = 0; bh < B * H; bh++) {
    const float *q = qkv + (size_t)(bh / H) * T * 3 * C + bh % H * D, *k = q + C, *v = k + C;
    float *out = y + (size_t)(bh / H) * T * C + bh % H * D;
    for (int r0 = 0; r0 < T; r0 += ROWS) {
      int end = r0 + ROWS;
      float *s = p + ((size_t)bh * T + r0) * T;
      multiply(0, 1, ROWS, end, D, q + (size_t)r0 * 3 * C, 3 * C, k, 3 * C, s, T, 0);
      for (int r = 0; r < ROWS; r++) {
        float *row = s + (size_t)r * T;
        for (int i = 0; i <= r0 + r; i++)
          row[i] *= scale;
        softmax(row, r0 + r + 1);
        for (int i = r0 + r + 1; i < end; i++)
          row[i] = 0;
      }
      multiply(0, 0, ROWS, D, end, s, T, v, 3 * C, out + (size_t)r0 * C, C, 0);
    }
  }
}
static void attention_back(const float *qkv, const float *p, const float *dy, float *dqkv) {
  float scale = 1 / sqrtf(D);
#pragma omp parallel
  {
    float *ds = allocate((size_t)ROWS * T);
#pragma omp for schedule(dynamic)
    for (int bh = 0; bh < B * H; bh++) {
      size_t here = (size_t)(bh / H) * T * 3 * C + bh % H * D;
      const float *q = qkv + here, *k = q + C, *v = k + C, *d = dy + (size_t)(bh / H) * T * C + bh % H * D;
      float *dq = dqkv + here, *dk = dq + C, *dv = dk + C;
      /* The last rows come first: they reach all keys, and set the sums that the others add to. */
      for (int r0 = T - ROWS; r0 >= 0; r0 -= ROWS) {
        int end = r0 + ROWS, add = end < T;
        const float *s = p + ((size_t)bh * T + r0) * T, *dr = d + (size_t)r0 * C;
        multiply(1, 0, end, D, ROWS, s, T, dr, C, dv, 3 * C, add);
        multiply(0, 1, ROWS, end, D, dr, C, v, 3 * C, ds, T, 0);
        for (int r = 0; r < ROWS; r++) {
          float dot = 0, *row = ds + (size_t)r * T;
          const float *pr = s + (size_t)r * T;
          for (int i = 0; i < end; i++)
            dot += row[i] * pr[i];
          for (int i = 0; i < end; i++)
            row[i] = pr[i] * (row[i] - dot) * scale;
        }
        multiply(0, 0, ROWS, D, end, ds, T, k, 3 * C, dq + (size_t)r0 * 3 * C, 3 * C, 0);
        multiply(1, 0, end, D, ROWS, ds, T, q + (size_t)r0 * 3 * C, 3 * C, dk, 3 * C, add);
      }
    }
    free(ds);
  }
}
