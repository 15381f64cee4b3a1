/* Greedy generation with a cache of keys and values. */
#pragma once
#include "gpt2-layers.h"

/* y [rows, to] = x [rows, in] w + b (+ more) for columns from..to; R rows and W vectors of columns in
 * registers. */
static inline __attribute__((always_inline)) void strip(int R, int W, int in, int out, const float *x,
                                                        const float *w, const float *b, float *y,
                                                        const float *more, int c) {
  vec sum[R][W];
  for (int r = 0; r < R; r++)
    for (int j = 0; j < W; j++)
      sum[r][j] = *(const vec *)(b + c + j * LANES);
  for (int k = 0; k < in; k++)
    for (int j = 0; j < W; j++) {
      vec column = *(const vec *)(w + (size_t)k * out + c + j * LANES);
      for (int r = 0; r < R; r++)
        sum[r][j] += x[(size_t)r * in + k] * column;
    }
  for (int r = 0; r < R; r++)
    for (int j = 0; j < W; j++) {
      size_t i = (size_t)r * out + c + j * LANES;
      *(vec *)(y + i) = more ? *(const vec *)(more + i) + sum[r][j] : sum[r][j];
    }
}
static void rows_linear(int in, int out, const float *x, size_t place, size_t bias, float *y,
                        const float *more) {
  const float *w = weights + place, *b = weights + bias;
  if (B % 8 == 0) {
#pragma omp for
    for (int c = 0; c < out; c += 2 * LANES)
      for (int r = 0; r < B; r += 8)
        strip(8, 2, in, out, x + (size_t)r * in, w, b, y + (size_t)r * out,
              more ? more + (size_t)r * out : NULL, c);
  } else {
#pragma omp for
    for (int c = 0; c < out; c += 8 * LANES)
      for (int r = 0; r < B; r++)
        strip(1, 8, in, out, x + (size_t)r * in, w, b, y + (size_t)r * out,
              more ? more + (size_t)r * out : NULL, c);
  }
}
/* Every thread norms for itself: that is shorter than waiting for another. */
static void norm_here(const float *x, size_t place, float *y) {
  for (int r = 0; r < B; r++) {
    float sum = 0, square = 0;
    const float *in = x + (size_t)r * C, *w = weights + place, *b = w + C;
    for (int i = 0; i < C; i++)
      sum += in[i];
    float mean = sum / C;
    for (int i = 0; i < C; i++)
      square += (in[i] - mean) * (in[i] - mean);
    float scale = 1 / sqrtf(square / C + 1e-5f);
    for (int i = 0; i < C; i++)
      y[(size_t)r * C + i] = (in[i] - mean) * scale * w[i] + b[i];
  }
}
static double generate(float *keys, float *values) {
  float *x = allocate(B * C), *qkv = allocate(3 * B * C), *mix = allocate(B * C), *fc = allocate(4 * B * C),
        *out = allocate(B * V);
  int next[B];
  for (int b = 0; b < B; b++)
    next[b] = b % V;
  double start = now();
#pragma omp parallel
  {
    float *y = allocate(B * C), *scores = allocate(T);
    for (int t = 0; t < T; t++) {
#pragma omp for
      for (int i = 0; i < B * C; i++)
        x[i] = weights[(size_t)next[i / C] * C + i % C] + weights[(size_t)(V + t) * C + i % C];
      for (int l = 0; l < L; l++) {
        norm_here(x, at(l, LN1, 0), y);
        rows_linear(C, 3 * C, y, at(l, QKV, 0), at(l, QKV, 1), qkv, NULL);
#pragma omp for
        for (int bh = 0; bh < B * H; bh++) {
          const float *q = qkv + (size_t)(bh / H) * 3 * C + bh % H * D;
          float *k = keys + ((size_t)l * B * H + bh) * T * D, *v = values + ((size_t)l * B * H + bh) * T * D;
          memcpy(k + (size_t)t * D, q + C, D * 4), memcpy(v + (size_t)t * D, q + 2 * C, D * 4);
          for (int i = 0; i <= t; i++) {
            float dot = 0;
            for (int d = 0; d < D; d++)
              dot += q[d] * k[(size_t)i * D + d];
            scores[i] = dot * 0.125f;
          }
          softmax(scores, t + 1);
          float sum[D] = {0};
          for (int i = 0; i <= t; i++)
            for (int d = 0; d < D; d++)
              sum[d] += scores[i] * v[(size_t)i * D + d];
          memcpy(mix + (size_t)(bh / H) * C + bh % H * D, sum, sizeof sum);
        }
        rows_linear(C, C, mix, at(l, PROJ, 0), at(l, PROJ, 1), x, x);
        norm_here(x, at(l, LN2, 0), y);
        rows_linear(C, 4 * C, y, at(l, FC, 0), at(l, FC, 1), fc, NULL);
#pragma omp for simd
        for (int i = 0; i < 4 * B * C; i++)
          fc[i] = 0.5f * fc[i] * (1 + bend(fc[i]));
        rows_linear(4 * C, C, fc, at(l, OUT, 0), at(l, OUT, 1), x, x);
      }
      norm_here(x, layer(L), y);
#pragma omp for
      for (int w = 0; w < V; w++)
        for (int b = 0; b < B; b++) {
          float dot = 0;
          for (int i = 0; i < C; i++)
            dot += y[(size_t)b * C + i] * weights[(size_t)w * C + i];
          out[(size_t)b * V + w] = dot;
        }
#pragma omp for
      for (int b = 0; b < B; b++) {
        int best = 0;
        for (int i = 1; i < V; i++)
          if (out[(size_t)b * V + i] > out[(size_t)b * V + best])
            best = i;
        next[b] = best;
      }
    }
    free(y), free(scores);
  }
  double took = now() - start;
  free(x), free(qkv), free(mix), free(fc), free(out);
  return took / T;
}
