/** The part of a batch: one question at a time, how far it is, and its keys. */
import css from "./style/batch.css?inline";

export { createBatching } from "./batch";
export { BatchFoot, BatchHead, useBatchKeys } from "./batch-bar";
export { css };
