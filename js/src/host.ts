/**
 * The notebook around the card, by names that the host keeps private (listed in ARCHITECTURE.md).
 *
 * JupyterLab and Notebook 7 give a widget's manager the notebook's model as `context.model`. Other hosts
 * do not, and a later version may not: every access is optional, and for a missing name the card tells a reason.
 */
import type { CardModel } from "./model";
import {
  ANSWER_KEY,
  type View as Drawn,
  type NotRecorded,
  OUTPUT_KEY,
  RECORD_KEY,
  type RecordEntry,
  type Recorded,
  type RecordToWrite,
} from "./protocol";
import { answersIn, failuresOf, mergeRecord, type Output, toldAnswers } from "./record";
import * as strings from "./strings";

const WIDGET_VIEW = "application/vnd.jupyter.widget-view+json";

/** The minor version of format 4 from which on cells have ids. */
const IDS_SINCE = 5;

interface Outputs {
  readonly length: number;
  get(index: number): {
    data?: Record<string, unknown>;
    metadata?: Record<string, unknown>;
    toJSON?(): object;
  };
  add(output: object): unknown;
  set(index: number, output: object): void;
}

interface Cell {
  readonly sharedModel: {
    getId(): string;
    /** Replaces the outputs from `start` up to `end`. */
    updateOutputs?(start: number, end: number, outputs: object[]): void;
  };
  readonly outputs?: Outputs;
}

/** A cell that shows the card. */
type Shown = Required<Cell>;

interface Notebook {
  readonly readOnly?: boolean;
  /** Whether several people work in the notebook at once. */
  readonly collaborative?: boolean;
  readonly cells: { readonly length: number; get(index: number): Cell };
  readonly sharedModel: {
    getMetadata(key: string): unknown;
    setMetadata(key: string, value: unknown): void;
    readonly nbformat?: number;
    nbformat_minor?: number;
  };
}

interface Manager {
  readonly context?: {
    readonly isDisposed?: boolean;
    readonly path?: string;
    readonly model?: Notebook;
    readonly ready?: Promise<void>;
  };
  readonly kernel?: Kernel | null;
  get_model(id: string): Promise<Model>;
  has_model?(id: string): boolean;
  create_view?(model: object): Promise<View>;
  readonly rendermime?: { readonly latexTypesetter?: { typeset?(element: HTMLElement): unknown } | null };
}

/** The kernel's connection; a restart in VS Code disposes the connection, and tells no model. */
interface Kernel {
  readonly status?: string;
  readonly isDisposed?: boolean;
  readonly serverSettings?: { readonly baseUrl?: string };
  readonly disposed?: { connect(slot: () => void): unknown; disconnect(slot: () => void): unknown };
}

/** A model of `@jupyter-widgets/base`: holds further updates back while the kernel works on an update. */
export interface Model {
  readonly comm_live?: boolean;
  readonly attributes?: Record<string, unknown>;
  /** Promises of the views. */
  readonly views?: Readonly<Record<string, Promise<View> | View>>;
  readonly comm?: { on_msg?(handler: (message: object) => void): void } | null;
  _msg_buffer?: object | null;
  _msg_buffer_callbacks?: object | null;
  _handle_comm_msg?(message: object): Promise<void>;
  send_sync_message?(state: object, callbacks?: object | null): string;
  rememberLastUpdateFor?(messageId: string): void;
}

/** A view of `@jupyter-widgets/base`; Lumino's messages tell the view that it stands in the page now. */
interface View {
  readonly el: HTMLElement;
  readonly luminoWidget?: { processMessage(message: object): void; readonly parent?: object | null };
  remove(): void;
}

/** The view of another widget, to be put into the page. */
export interface Attachable {
  attach(place: HTMLElement): void;
  /** Whether a person sees the widget: not where its code failed, so that nothing or an error stands in its place. */
  isDrawn(): boolean;
  /** Send the updates that the widget, or a widget within, still holds back. */
  flush(): void;
  remove(): void;
}

/** Make a view of another widget of the same kernel; rejects where the host has no such widget or makes no views. */
export async function viewOf(model: CardModel, modelId: string): Promise<Attachable> {
  const manager = managerOf(model);
  if (!manager.create_view) throw new Error(strings.widget.noPage);
  const embedded = await manager.get_model(modelId);
  const view = await manager.create_view(embedded);
  const tell = (type: string) =>
    view.luminoWidget?.processMessage({ type, isConflatable: false, conflate: () => false });
  return {
    attach(place) {
      tell("before-attach");
      place.append(view.el);
      tell("after-attach");
    },
    isDrawn: () => !view.el.matches(NOT_DRAWN) || view.el.shadowRoot !== null,
    flush() {
      settle(view.el);
      flush(embedded);
    },
    remove: () => view.remove(),
  };
}

/** A widget without an element; or the manager has drawn an error in the place of a widget whose code fails. */
const NOT_DRAWN = "div:empty,:has(.jupyter-widgets-error-widget)";

/** Some widgets take a typed text only once the focus leaves the text. */
function settle(element: HTMLElement): void {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement) || !element.contains(focused)) return;
  focused.blur();
  focused.focus();
}

/** Messages arrive in the order in which they are sent: these updates arrive before an answer that follows. */
function flush(value: unknown, seen = new Set<unknown>()): void {
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  const model = value as Model;
  if (model.send_sync_message && model._msg_buffer) {
    const id = model.send_sync_message(model._msg_buffer, model._msg_buffer_callbacks);
    model.rememberLastUpdateFor?.(id);
    model._msg_buffer = null;
    model._msg_buffer_callbacks = null;
  }
  const within = model.send_sync_message ? Object.values(model.attributes ?? {}) : partsOf(value);
  for (const one of within) flush(one, seen);
}

/** Widgets hold further widgets in lists and plain objects. */
function partsOf(value: object): unknown[] {
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  return isPlain ? Object.values(value) : [];
}

/** The style sheet in which MathJax keeps the rules of all formulas so far. */
const MATH_RULES = "MJX-CHTML-styles";

/** Sets the LaTeX in an element as the notebook does; `null` where the host lends no typesetter. */
export function typesetterOf(model: CardModel): ((element: HTMLElement) => void) | null {
  const latex = managerOf(model)?.rendermime?.latexTypesetter;
  if (typeof latex?.typeset !== "function") return null;
  return (element) => {
    const source = element.textContent;
    void Promise.resolve()
      .then(() => latex.typeset?.(element))
      .then(
        () => borrowRules(element),
        () => {
          element.textContent = source;
        },
      );
  };
}

/** The page's rules do not reach into a shadow root, and the rules of formulas grow with each formula. */
function borrowRules(element: HTMLElement): void {
  const root = element.getRootNode();
  const rules = (document.getElementById(MATH_RULES) as HTMLStyleElement | null)?.sheet?.cssRules;
  if (!rules || !(root instanceof ShadowRoot)) return;
  const own = root.querySelector("style[data-math]") ?? document.createElement("style");
  own.setAttribute("data-math", "");
  own.textContent = Array.from(rules, ({ cssText }) => cssText).join("\n");
  root.prepend(own);
}

export function managerOf(model: CardModel): Manager {
  return model.widget_manager as unknown as Manager;
}

/** A name for the notebook, to remember settings for each notebook. */
export function notebookOf(model: CardModel): string {
  return managerOf(model)?.context?.path ?? globalThis.location?.pathname ?? "";
}

/** The address of the Jupyter server behind the page; nbclassic keeps the address in an attribute of the body. */
export function serverOf(model: CardModel): string | undefined {
  return managerOf(model)?.kernel?.serverSettings?.baseUrl ?? document.body.dataset.baseUrl;
}

/** Whether several people see this notebook at the same time, each in a separate page. */
export function hasSharedNotebook(model: CardModel): boolean {
  return managerOf(model)?.context?.model?.collaborative === true;
}

/** Whether the widget's comm reaches a kernel; true where the host does not tell. */
export async function isConnected(model: CardModel): Promise<boolean> {
  if (managerOf(model)?.kernel?.isDisposed) return false;
  try {
    const inner = await managerOf(model).get_model(model.get("widget_id"));
    return inner.comm_live !== false;
  } catch {
    return true;
  }
}

/** Call `react` when the connection to the kernel has ended for good; never where the host does not tell. */
export function onceDisconnected(model: CardModel, react: () => void, signal: AbortSignal): void {
  const disposed = managerOf(model)?.kernel?.disposed;
  if (typeof disposed?.connect !== "function") return;
  disposed.connect(react);
  signal.addEventListener("abort", () => disposed.disconnect(react));
}

/** Whether a kernel is there but busy, so that no reply can come yet. */
export function isKernelBusy(model: CardModel): boolean {
  return managerOf(model)?.kernel?.status === "busy";
}

/** Write an accepted answer into the open notebook: metadata and output in a single step. */
export function writeRecord(model: CardModel, record: RecordToWrite): Recorded | NotRecorded {
  try {
    const reason = tryToWrite(model, record);
    return reason === null ? { kind: "recorded" } : notRecorded(reason);
  } catch (error) {
    return notRecorded(strings.record.failed(String(error)));
  }
}

function notRecorded(reason: string): NotRecorded {
  return { kind: "not_recorded", reason };
}

/** Why this page has no way to write a record, as far as that can be known before; or `null`. */
export function whyNotRecorded(model: CardModel): string | null {
  try {
    const place = placeOf(model);
    return typeof place === "string" ? place : null;
  } catch (error) {
    return strings.record.failed(String(error));
  }
}

/** Settles when the notebook of the page is loaded. */
export async function onceReady(model: CardModel): Promise<void> {
  await managerOf(model)?.context?.ready;
}

/** The answers that are recorded for the card's cell; `null` where this page can write no record. */
export function recordedAnswers(model: CardModel): RecordEntry[] | null {
  try {
    const place = placeOf(model);
    if (typeof place === "string") return null;
    const { notebook, cell } = place;
    const inOutputs = allOf(cell.outputs).map(({ metadata }) => metadata?.[OUTPUT_KEY]);
    return answersIn([notebook.sharedModel.getMetadata(RECORD_KEY + cell.sharedModel.getId()), ...inOutputs]);
  } catch {
    return null;
  }
}

/** The place for a record, or why there is none: every obstacle is looked for before the first write. */
function placeOf(model: CardModel): { notebook: Notebook; cell: Shown } | string {
  const context = managerOf(model)?.context;
  const notebook = context?.model;
  if (!notebook?.sharedModel || !notebook.cells || context?.isDisposed) return strings.record.noNotebook;
  if (notebook.cells.length === 0) return strings.record.noNotebook; // VS Code's stand-in for a notebook
  if (notebook.readOnly) return strings.record.readOnly;
  const cell = cellOf(notebook, model.get("widget_id"));
  return cell ? { notebook, cell } : strings.record.noCell;
}

/** Return `null`, or the reason why nothing was written. */
function tryToWrite(model: CardModel, { entry, output, told, ...how }: RecordToWrite): string | null {
  const place = placeOf(model);
  if (typeof place === "string") return place;
  const { notebook, cell } = place;
  const { sharedModel } = notebook;
  const id = cell.sharedModel.getId();
  const key = RECORD_KEY + id;
  const merged = mergeRecord(sharedModel.getMetadata(key), { ...entry, cell: id }, how);
  if (merged.kind === "unwritable") return merged.reason;
  sharedModel.setMetadata(key, merged.record);
  if (!how.forget) keepIds(sharedModel);
  if (output && (merged.replaced || !how.forget))
    tellAtTheEnd(cell, { data: output, metadata: { [ANSWER_KEY]: told } });
  return null;
}

/**
 * Have the host save the ids of the cells, which tie answers to cells: before format 4.5 a notebook has no ids, and the
 * host makes new ids at each opening.
 */
function keepIds(notebook: Notebook["sharedModel"]): void {
  const { nbformat, nbformat_minor: minor } = notebook;
  if (nbformat === 4 && minor !== undefined && minor < IDS_SINCE) notebook.nbformat_minor = IDS_SINCE;
}

/**
 * Let the outputs that tell answers be the last of the card's cell, behind the outputs that a node has shown since. An
 * output that tells of a failure goes when the run no longer counts as failed.
 */
export function tellAnswersLast(model: CardModel, { card, phase }: Pick<Drawn, "card" | "phase">): void {
  try {
    const place = placeOf(model);
    if (typeof place === "string") return;
    if (phase.kind !== "failed") dropFailure(place.cell, card);
    tellAtTheEnd(place.cell);
  } catch {
    // The notebook stays unchanged: the answers are told, above further outputs.
  }
}

function dropFailure({ outputs, sharedModel }: Shown, card: number): void {
  for (const at of failuresOf(allOf(outputs), card).reverse()) sharedModel.updateOutputs?.(at, at + 1, []);
}

function allOf(outputs: Outputs) {
  return Array.from({ length: outputs.length }, (_, index) => outputs.get(index));
}

function tellAtTheEnd({ outputs, sharedModel }: Shown, added?: Output): void {
  const { at, told } = toldAnswers(allOf(outputs), added && { output_type: "display_data", ...added });
  const isAtTheEnd = at.every((place, index) => place === outputs.length - at.length + index);
  if (isAtTheEnd || !sharedModel.updateOutputs) {
    for (const [index, output] of told.entries()) put(outputs, at[index], output);
    return;
  }
  const moved = told.map(asSaved);
  // Not by `outputs.remove`: JupyterLab 4.6 removes the id of another output from the saved notebook.
  for (const place of at.reverse()) sharedModel.updateOutputs(place, place + 1, []);
  for (const output of moved) outputs.add(output);
}

function put(outputs: Outputs, place: number | undefined, output: Output): void {
  if (place === undefined) outputs.add(asSaved(output));
  else if (outputs.get(place) !== output) outputs.set(place, asSaved(output));
}

/** Outputs in a notebook are models, which end when removed. */
function asSaved({ data, metadata }: Output): Output {
  return { output_type: "display_data", data: { ...data }, metadata: { ...metadata } };
}

/** The first cell that shows the card: the cell whose execution made the card. */
function cellOf(notebook: Notebook, cardId: string): Shown | undefined {
  for (const { id, cell } of shownIn(notebook)) if (id === cardId) return cell;
  return undefined;
}

/** A widget in a notebook: the id of the widget's model, and the place of the output. */
interface ShownWidget {
  id: string;
  cell: Shown;
  /** The number of the cell. */
  nth: number;
  /** The number of the output in the cell. */
  at: number;
}

/** Each output of a notebook that shows a widget. */
export function* shownIn({ cells }: Notebook): Generator<ShownWidget> {
  for (let index = 0; index < cells.length; index += 1) {
    const { outputs, sharedModel } = cells.get(index);
    for (let at = 0; outputs && at < outputs.length; at += 1) {
      const view = outputs.get(at).data?.[WIDGET_VIEW] as { model_id?: string } | undefined;
      if (view?.model_id) yield { id: view.model_id, cell: { outputs, sharedModel }, nth: index, at };
    }
  }
}
