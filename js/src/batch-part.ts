/** The part for batches: one question at a time, the progress and the keys. */
import css from "./style/batch.css?inline";

export { createBatching } from "./batch";
export { BatchFoot, BatchHead, useBatchKeys } from "./batch-bar";
export { css };
