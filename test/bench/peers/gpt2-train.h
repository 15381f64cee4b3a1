/* A training step: forward, backward, clipping, AdamW. */
#pragma once
#include "gpt2-layers.h"

typedef struct {
  float *x, *ln1, *qkv, *p, *mix, *x2, *ln2, *fc, *gelu, *s1, *s2;
} Kept;
static Kept kept[L];
static float *last, *lnf, *logits, *sf, *dx, *dy, *wide, *dqkv;
static int *ids;

static void prepare(void) {
  size_t N = (size_t)B * T, n = N * C;
  for (int l = 0; l < L; l++)
    kept[l] = (Kept){allocate(n),     allocate(n),     allocate(3 * n), allocate(N * H * T),
                     allocate(n),     allocate(n),     allocate(n),     allocate(4 * n),
                     allocate(4 * n), allocate(2 * N), allocate(2 * N)};
  last = allocate(n), lnf = allocate(n), logits = allocate(N * V), sf = allocate(2 * N);
  dx = allocate(n), dy = allocate(n), wide = allocate(4 * n), dqkv = allocate(3 * n);
  grads = allocate(count), means = allocate(count), squares = allocate(count);
  ids = malloc((N + 1) * sizeof *ids);
  for (size_t i = 0; i <= N; i++)
    ids[i] = (i * 7919 + (i >> 3)) % V;
}
/* The mean loss; logits become its gradient. */
static double forward(void) {
  int N = B * T;
#pragma omp parallel for
  for (int r = 0; r < N; r++)
    for (int i = 0; i < C; i++)
      kept[0].x[(size_t)r * C + i] = weights[(size_t)ids[r] * C + i] + weights[(size_t)(V + r % T) * C + i];
  for (int l = 0; l < L; l++) {
    Kept k = kept[l];
    norm(N, k.x, weights + at(l, LN1, 0), weights + at(l, LN1, 1), k.ln1, k.s1);
    linear(N, C, 3 * C, k.ln1, at(l, QKV, 0), at(l, QKV, 1), k.qkv, NULL);
    attention(k.qkv, k.p, k.mix);
    linear(N, C, C, k.mix, at(l, PROJ, 0), at(l, PROJ, 1), k.x2, k.x);
    norm(N, k.x2, weights + at(l, LN2, 0), weights + at(l, LN2, 1), k.ln2, k.s2);
    linear(N, C, 4 * C, k.ln2, at(l, FC, 0), at(l, FC, 1), k.fc, NULL);
    gelu((size_t)N * 4 * C, k.fc, k.gelu);
    linear(N, 4 * C, C, k.gelu, at(l, OUT, 0), at(l, OUT, 1), l + 1 < L ? kept[l + 1].x : last, k.x2);
  }
  norm(N, last, weights + layer(L), weights + layer(L) + C, lnf, sf);
  multiply(0, 1, N, V, C, lnf, C, weights, C, logits, V, 0);
  double loss = 0;
#pragma omp parallel for reduction(+ : loss)
  for (int r = 0; r < N; r++) {
    float *row = logits + (size_t)r * V;
    softmax(row, V);
    loss -= log(row[ids[r + 1]]);
    row[ids[r + 1]] -= 1;
    for (int i = 0; i < V; i++)
      row[i] /= N;
  }
  return loss / N;
}
static void backward(void) {
  int N = B * T;
  size_t n = (size_t)N * C;
  multiply(1, 0, V, C, N, logits, V, lnf, C, grads, C, 0);
  multiply(0, 0, N, C, V, logits, V, weights, C, dy, C, 0);
  memset(dx, 0, n * 4);
  norm_back(N, dy, last, weights + layer(L), sf, dx, grads + layer(L), grads + layer(L) + C);
  for (int l = L - 1; l >= 0; l--) {
    Kept k = kept[l];
    linear_back(N, 4 * C, C, dx, k.gelu, at(l, OUT, 0), at(l, OUT, 1), wide);
    gelu_back(4 * n, k.fc, wide);
    linear_back(N, C, 4 * C, wide, k.ln2, at(l, FC, 0), at(l, FC, 1), dy);
    norm_back(N, dy, k.x2, weights + at(l, LN2, 0), k.s2, dx, grads + at(l, LN2, 0), grads + at(l, LN2, 1));
    linear_back(N, C, C, dx, k.mix, at(l, PROJ, 0), at(l, PROJ, 1), dy);
    attention_back(k.qkv, k.p, dy, dqkv);
    linear_back(N, C, 3 * C, dqkv, k.ln1, at(l, QKV, 0), at(l, QKV, 1), dy);
    norm_back(N, dy, k.x, weights + at(l, LN1, 0), k.s1, dx, grads + at(l, LN1, 0), grads + at(l, LN1, 1));
  }
  float *dp = grads + (size_t)V * C;
  memset(dp, 0, (size_t)T * C * 4);
#pragma omp parallel for
  for (int c = 0; c < C; c += D)
    for (int r = 0; r < N; r++)
      for (int i = c; i < c + D; i++)
        grads[(size_t)ids[r] * C + i] += dx[(size_t)r * C + i],
            dp[(size_t)(r % T) * C + i] += dx[(size_t)r * C + i];
}
static void update(size_t from, size_t to, float decay, float factor, int step) {
  float b1 = 0.9f, b2 = 0.95f, rate = 1e-3f, c1 = 1 / (1 - powf(b1, step)), c2 = 1 / (1 - powf(b2, step));
#pragma omp parallel for simd
  for (size_t i = from; i < to; i++) {
    float g = grads[i] * factor;
    means[i] = b1 * means[i] + (1 - b1) * g;
    squares[i] = b2 * squares[i] + (1 - b2) * g * g;
    weights[i] -= rate * (means[i] * c1 / (sqrtf(squares[i] * c2) + 1e-8f) + decay * weights[i]);
  }
}
static void adamw(int step) {
  double sum = 0;
#pragma omp parallel for simd reduction(+ : sum)
  for (size_t i = 0; i < count; i++)
    sum += grads[i] * grads[i];
  float length = sqrt(sum), factor = length > 1 ? 1 / length : 1;
  update(0, layer(0), 0.1f, factor, step);
  for (int l = 0; l < L; l++)
    for (int part = LN1; part <= OUT; part++) {
      size_t bias = at(l, part, 1), end = part == OUT ? layer(l + 1) : at(l, part + 1, 0);
      update(at(l, part, 0), bias, part == LN1 || part == LN2 ? 0 : 0.1f, factor, step);
      update(bias, end, 0, factor, step);
    }
  update(layer(L), count, 0, factor, step);
}
