#!/usr/bin/env bash
# Builds the native part of @tensorflow/tfjs-node against the TensorFlow of a Python environment, for a newer TensorFlow and
# CUDA than the package's own installer brings, or where that can't download.
#
#     bash scripts/build-tensorflow.sh PROJECT PYTHON [PACKAGE]
#
# PROJECT is the folder in which attacca is installed, PYTHON the program of an environment with TensorFlow in it
# (python3 -m venv env && env/bin/pip install 'tensorflow[and-cuda]', or tensorflow-cpu), PACKAGE @tensorflow/tfjs-node-gpu or
# @tensorflow/tfjs-node (unless given). Needs g++ and Node's headers (NODE_INCLUDE names their folder if it isn't found).
set -euo pipefail

usage() { echo "usage: build-tensorflow.sh PROJECT PYTHON [PACKAGE]" >&2; exit 2; }
[ $# -ge 2 ] && [ $# -le 3 ] || usage
project=$(cd "$1" && pwd)
python=$2
package=${3:-@tensorflow/tfjs-node}

libraries=$("$python" - <<'PYTHON'
import importlib.util, pathlib, sys
found = importlib.util.find_spec("tensorflow")
if found is None or not found.origin:
    sys.exit("no tensorflow in this environment: pip install tensorflow-cpu, or 'tensorflow[and-cuda]'")
print(pathlib.Path(found.origin).parent)
PYTHON
)
node_include=${NODE_INCLUDE:-$(node -p 'require("path").resolve(process.execPath, "../../include/node")')}
if [ ! -f "$node_include/node_api.h" ]; then
  echo "Node's headers (node_api.h) aren't in $node_include: set NODE_INCLUDE to the folder that has them" >&2
  exit 1
fi

cd "$project"
npm install --ignore-scripts --no-audit --no-fund "$package@4.22.0"
cd "node_modules/$package"

# The libraries of CUDA lie in packages of their own beside TensorFlow.
paths="-Wl,-rpath,$libraries"
for folder in "$libraries"/../nvidia/*/lib; do
  if [ -d "$folder" ]; then paths+=" -Wl,-rpath,$(cd "$folder" && pwd)"; fi
done

napi=8
mkdir -p "lib/napi-v$napi"
# shellcheck disable=SC2086 # several flags
g++ -O2 -std=c++17 -shared -fPIC -DNAPI_VERSION=$napi -DNODE_GYP_MODULE_NAME=tfjs_binding \
  -I"$node_include" -I"$libraries/include" -I.. \
  binding/tfjs_backend.cc binding/tfjs_binding.cc -o "lib/napi-v$napi/tfjs_binding.node" \
  "$libraries"/libtensorflow_cc.so.2 "$libraries"/libtensorflow_framework.so.2 $paths

cd "$project"
TF_CPP_MIN_LOG_LEVEL=2 node -e '
const tf = require(process.argv[1]);
const product = tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).arraySync();
if (String(product) !== "3,3,3,3") throw new Error(`a product gave ${product}`);
console.log(`${process.argv[1]} computes; GPU: ${tf.backend().isUsingGpuDevice}`);
' "$package"
