import fc from "fast-check";

// The same cases in every run, so that a failure can be repeated; ATTACCA_SEED=N looks at others.
fc.configureGlobal({ seed: Number(process.env.ATTACCA_SEED ?? 1) });
