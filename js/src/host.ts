/**
 * The notebook around the card, by ways that the host keeps private: the ONE file that knows them.
 *
 * JupyterLab and Notebook 7 give a widget's manager the notebook's model as `context.model`. Other hosts
 * do not, and a later version may not: every access is optional, and what is missing is said in words.
 */
import type { CardModel } from "./model";
import { METADATA_KEY, type NotRecorded, type Recorded, type RecordToWrite } from "./protocol";
import { findOutput, mergeRecord, type Replaced } from "./record";
import { strings } from "./strings";

const WIDGET_VIEW = "application/vnd.jupyter.widget-view+json";
const PLAIN = "text/plain";

interface Outputs {
  readonly length: number;
  get(index: number): { data?: Record<string, unknown> };
  add(output: object): unknown;
  set(index: number, output: object): void;
}

interface Cell {
  readonly sharedModel: { getId(): string };
  readonly outputs?: Outputs;
}

interface Notebook {
  readonly readOnly?: boolean;
  readonly cells: { readonly length: number; get(index: number): Cell };
  readonly sharedModel: {
    getMetadata(key: string): unknown;
    setMetadata(key: string, value: unknown): void;
  };
}

interface Manager {
  readonly context?: { readonly isDisposed?: boolean; readonly model?: Notebook };
  readonly kernel?: { readonly status?: string } | null;
  get_model(id: string): Promise<{ readonly comm_live?: boolean }>;
}

function managerOf(model: CardModel): Manager {
  return model.widget_manager as unknown as Manager;
}

/** Whether the widget's comm has a kernel at its other end; true where the host does not tell. */
export async function isConnected(model: CardModel): Promise<boolean> {
  try {
    const inner = await managerOf(model).get_model(model.get("card_id"));
    return inner.comm_live !== false;
  } catch {
    return true;
  }
}

/** Whether a kernel is there but works on something else, so that it cannot reply yet. */
export function isKernelBusy(model: CardModel): boolean {
  return managerOf(model)?.kernel?.status === "busy";
}

/** Write an accepted answer into the open notebook, metadata and output in one step. */
export function writeRecord(model: CardModel, { entry, output }: RecordToWrite): Recorded | NotRecorded {
  try {
    const reason = tryToWrite(model, entry, output);
    return reason === null ? { kind: "recorded" } : notRecorded(reason);
  } catch (error) {
    return notRecorded(strings.record.failed(String(error)));
  }
}

function notRecorded(reason: string): NotRecorded {
  return { kind: "not_recorded", reason };
}

/** `null`, or why nothing was written: every obstacle is looked for before the first write. */
function tryToWrite(
  model: CardModel,
  entry: RecordToWrite["entry"],
  output: RecordToWrite["output"],
): string | null {
  const context = managerOf(model)?.context;
  const notebook = context?.model;
  if (!notebook?.sharedModel || !notebook.cells || context?.isDisposed) return strings.record.noNotebook;
  if (notebook.readOnly) return strings.record.readOnly;
  const cell = cellOf(notebook, model.get("card_id"));
  if (!cell) return strings.record.noCell;
  const { sharedModel } = notebook;
  const merged = mergeRecord(sharedModel.getMetadata(METADATA_KEY), { ...entry, cell: cell.id });
  if (merged.kind === "unwritable") return merged.reason;
  sharedModel.setMetadata(METADATA_KEY, merged.record);
  writeOutput(cell.outputs, { entry, output }, merged.replaced);
  return null;
}

/** In the place of the output that told of the former answer, if there was one. */
function writeOutput(
  outputs: Outputs,
  { entry, output }: Pick<RecordToWrite, "entry" | "output">,
  replaced: Replaced | null,
): void {
  const written = { output_type: "display_data", data: { ...output }, metadata: {} };
  const texts = Array.from({ length: outputs.length }, (_, index) => outputs.get(index).data?.[PLAIN]);
  const index = replaced ? findOutput(texts, output[PLAIN] ?? "", entry, replaced) : -1;
  if (index < 0) outputs.add(written);
  else outputs.set(index, written);
}

/** The first cell that shows the card: the one whose execution made it. */
function cellOf(notebook: Notebook, cardId: string): { id: string; outputs: Outputs } | undefined {
  for (let index = 0; index < notebook.cells.length; index += 1) {
    const { outputs, sharedModel } = notebook.cells.get(index);
    if (outputs && shows(outputs, cardId)) return { id: sharedModel.getId(), outputs };
  }
  return undefined;
}

function shows(outputs: Outputs, cardId: string): boolean {
  for (let index = 0; index < outputs.length; index += 1) {
    const view = outputs.get(index).data?.[WIDGET_VIEW] as { model_id?: string } | undefined;
    if (view?.model_id === cardId) return true;
  }
  return false;
}
