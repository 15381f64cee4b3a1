#!/bin/sh
# Sets the peers up, each in an environment of its own: sh test/bench/setup.sh FOLDER [PEER...]
# Peers: tensorflow onnxruntime torch c tfjs-node. Needs node, npm, python3 with venv, and a C compiler.
set -u
folder=${1:?say a folder}
shift
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
[ $# -gt 0 ] || set -- tensorflow onnxruntime torch c tfjs-node

# Packages that run scripts at installation mostly fetch what is in the package already; tfjs-node fetches a native library
# from a host of its own, so it is built here against TensorFlow of PyPI.
packages() {
  place=$1
  shift
  mkdir -p "$folder/$place" && cd "$folder/$place" && npm init -y >/dev/null && npm install --no-audit --no-fund "$@"
}

for peer in "$@"; do
  echo "== $peer"
  case $peer in
  tensorflow) packages tensorflow --ignore-scripts gpt-tfjs@0.0.5 @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0 ;;
  onnxruntime)
    packages onnxruntime --ignore-scripts onnxruntime-node@1.30.0 @huggingface/transformers@4.3.1
    python3 -m venv "$folder/onnx" && "$folder/onnx/bin/pip" install -q onnx==1.23.2 &&
      "$folder/onnx/bin/python" "$here/peers/export-onnx.py" "$folder/onnxruntime/models/gpt2-256-256"
    ;;
  torch) python3 -m venv "$folder/torch" && "$folder/torch/bin/pip" install -q torch numpy ;;
  c) mkdir -p "$folder/c" && ${CC:-gcc} -O3 -march=native -ffast-math -fopenmp -o "$folder/c/gpt2" "$here/peers/gpt2.c" -lm ;;
  tfjs-node)
    python3 -m venv "$folder/tensorflow-python" && "$folder/tensorflow-python/bin/pip" install -q tensorflow-cpu==2.21.0 &&
      packages tfjs-node --ignore-scripts @tensorflow/tfjs@4.22.0 &&
      bash "$here/../../scripts/build-tensorflow.sh" "$folder/tfjs-node" "$folder/tensorflow-python/bin/python" ||
      rm -rf "$folder/tfjs-node"
    ;;
  *) echo "unknown peer: $peer" ;;
  esac || echo "$peer could not be set up"
done
