import * as tf from "@tensorflow/tfjs-core";

/** What a kernel gets beside its tensors. `undefined` entries aren't passed on. */
export type Attributes = Readonly<Record<string, number | string | boolean | readonly number[]>>;

/** Tensors by the names that the operation gives them. */
export type Named = Readonly<Record<string, tf.Tensor>>;

/**
 * A fused operation: its kernel's name, and what it computes when no kernel of that name is there.
 *
 * **The kernel's contract.** A backend that wants to compute the operation itself registers two kernels,
 * `kernel` and `kernel + "Grad"` (both or neither):
 *
 * - `kernel` gets the tensors of `inputs` and `constants` by name, and the attributes, with `save: boolean`
 *   added. It returns `[y]`, or with `save` `[y, ...saved]`: whatever its own gradient kernel wants to see
 *   again. What is saved is private to the pair.
 * - `kernel + "Grad"` gets `dy`, those inputs and constants that stand in `keeps`, `saved0`, `saved1`, … and
 *   the attributes. It returns the gradients of `inputs`, in their order, each a tensor of its own.
 *
 * Kernels see contiguous row-major float32 tensors (ids and targets int32), and needn't check shapes: the
 * operation's function does.
 */
export interface FusedOperation<A extends Attributes> {
  readonly kernel: string;
  /** Tensors that a gradient flows to, in the order of the gradients. */
  readonly inputs: readonly string[];
  /** Tensors that no gradient flows to: ids, targets, masks. */
  readonly constants?: readonly string[];
  /** The inputs and constants that the gradient reads; all of them unless said otherwise. */
  readonly keeps?: readonly string[];
  /** The value out of stock operations, and (only if `save`) what `gradient` will want. */
  composed(tensors: Named, attributes: A, save: boolean): Computed;
  /** The gradients of `inputs` out of stock operations. */
  gradient(dy: tf.Tensor, tensors: Named, saved: readonly tf.Tensor[], attributes: A): tf.Tensor[];
}

/** What a composed form gives: the value, and what its gradient wants to see again. */
export interface Computed {
  readonly value: tf.Tensor;
  readonly saved?: readonly tf.Tensor[];
}

/** Whether the backend in use computes `kernel` itself. */
export function hasKernel(kernel: string): boolean {
  return tf.getKernel(kernel, tf.getBackend()) != null;
}

/** Runs an operation: by the backend's kernels if it has them, else in composed form. */
export interface Fused<A extends Attributes> {
  (tensors: Named, attributes: A): tf.Tensor;
  readonly operation: FusedOperation<A>;
}

/** The function that runs an operation. It checks nothing: the operation's own function does, before. */
export function define<A extends Attributes>(operation: FusedOperation<A>): Fused<A> {
  const { inputs, constants = [], keeps = [...inputs, ...constants] } = operation;

  const forward = (tensors: Named, attributes: A, save: boolean): Computed => {
    if (!hasKernel(operation.kernel)) return operation.composed(tensors, attributes, save);
    const [value, ...saved] = runKernel(operation.kernel, tensors, { ...attributes, save });
    return { value, saved };
  };

  const backward = (
    dy: tf.Tensor,
    tensors: Named,
    saved: readonly tf.Tensor[],
    attributes: A,
  ): tf.Tensor[] => {
    if (!hasKernel(operation.kernel)) return operation.gradient(dy, tensors, saved, attributes);
    const again = Object.fromEntries(saved.map((tensor, i) => [`saved${i}`, tensor]));
    return runKernel(`${operation.kernel}Grad`, { dy, ...tensors, ...again }, attributes);
  };

  const run = (tensors: Named, attributes: A): tf.Tensor => {
    // Off the tape nothing is kept, so the composed form may skip what only its gradient wants.
    if (!tf.engine().isTapeOn()) return tf.tidy(() => forward(tensors, attributes, false).value);
    const recorded = tf.customGrad((...given) => {
      const save = given[given.length - 1] as (tensors: tf.Tensor[]) => void;
      const { value, saved = [] } = forward(tensors, attributes, true);
      save([...keeps.map((name) => tensors[name]), ...saved]);
      const gradFunc = (dy: tf.Tensor, back: tf.Tensor[]): tf.Tensor[] => {
        const kept = Object.fromEntries(keeps.map((name, i) => [name, back[i]]));
        // The engine would hold what is left over here until the whole backward pass has ended.
        return tf.tidy(() => backward(dy, kept, back.slice(keeps.length), attributes));
      };
      return { value, gradFunc };
    });
    return recorded(...inputs.map((name) => tensors[name]));
  };
  return Object.assign(run, { operation });
}

/** Runs a registered kernel and gives its outputs as a list. */
export function runKernel(kernel: string, tensors: Named, attributes: Attributes): tf.Tensor[] {
  const outputs = tf
    .engine()
    .runKernel<tf.Tensor | tf.Tensor[]>(kernel, tensors as tf.NamedTensorMap, attributes as tf.NamedAttrMap);
  return Array.isArray(outputs) ? outputs : [outputs];
}
