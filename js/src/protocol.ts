// Generated from nbhitl/protocol.py by js/tools/protocol.mjs. Do not edit: change the Python and run it again.

export const RECORD_FORMAT = 1;
export const METADATA_KEY = "nbhitl";

export type Wire =
  | View
  | Progress
  | Hello
  | AnswerMessage
  | SnippetsRequest
  | RecordOutcome
  | StopRequest
  | AskAgainRequest
  | SendNowRequest
  | Welcome
  | Accepted
  | Refused
  | Done
  | Snippets
  | NotebookRecord
  | Origin
  | Field
  | Standing
  | RecordStatus
  | Phase
  | PageMessage
  | KernelMessage;
export type Phase = Starting | Asking | Running | Finished | Failed;
export type Field = TextField | JsonField | ContinueField;
export type Standing = Open | Held;
export type Origin = "person" | "code" | "script" | "record" | "elsewhere";
export type RecordStatus = NothingToRecord | Recording | Recorded | NotRecorded;
export type PageMessage =
  Hello | AnswerMessage | SnippetsRequest | RecordOutcome | StopRequest | AskAgainRequest | SendNowRequest;
export type KernelMessage = Welcome | Accepted | Refused | Done | Snippets;

/**
 * What the page draws, written by the kernel only.
 *
 * ``stop``: whether a run is at work that can be stopped; ``stopping``: it was asked to. ``ask_again``: whether the
 * last answer can be changed. ``send_now``: what it costs to send the held answers before their siblings have one;
 * ``None`` where none is held.
 */
export interface View {
  kind: "view";
  revision: number;
  graph: string;
  runs_on: string;
  phase: Phase;
  questions: Question[];
  turns: Turn[];
  notes: string[];
  snippets: boolean;
  stop: boolean;
  stopping: boolean;
  ask_again: boolean;
  send_now: string | null;
}
/**
 * The run works and has not asked yet.
 */
export interface Starting {
  kind: "starting";
}
/**
 * At least one question is open.
 */
export interface Asking {
  kind: "asking";
}
/**
 * Resumed, and working.
 */
export interface Running {
  kind: "running";
}
/**
 * The run has ended; ``result`` is the text shown for what it returned.
 */
export interface Finished {
  kind: "finished";
  result: string;
}
/**
 * The run, or the way to it, raised.
 */
export interface Failed {
  kind: "failed";
  problem: Problem;
}
/**
 * An error as a person reads it.
 */
export interface Problem {
  kind: "problem";
  name: string;
  message: string;
}
/**
 * One pending interrupt.
 */
export interface Question {
  kind: "question";
  id: string;
  node: string;
  prompt: string;
  payload: string;
  field: Field;
  standing: Standing;
  former: Former | null;
}
/**
 * A text to revise; what changed against ``original`` is shown.
 */
export interface TextField {
  kind: "text";
  original: string;
}
/**
 * Any JSON value, edited as JSON text.
 */
export interface JsonField {
  kind: "json";
  original: string;
}
/**
 * Nothing to fill in: the only answer is to go on.
 */
export interface ContinueField {
  kind: "continue";
  original: string;
}
/**
 * The question waits; ``problem`` says why the last answer did not get through.
 */
export interface Open {
  kind: "open";
  problem: string | null;
}
/**
 * Answered here, sent together with its siblings once all are answered.
 */
export interface Held {
  kind: "held";
  answer: string;
}
/**
 * The question was asked before: ``answer``, where it is known, is offered in the editor; ``message`` says why.
 *
 * A node raised on that answer, or the run was cut off while it worked on it, or a sibling or the person asked anew.
 * ``again``: the question has yet to be asked anew, which an answer does.
 */
export interface Former {
  kind: "former";
  answer: string | null;
  message: string;
  again: boolean;
}
/**
 * A question that has been answered.
 */
export interface Turn {
  kind: "turn";
  node: string;
  prompt: string;
  field: Field;
  answer: string;
  origin: Origin;
  record: RecordStatus;
}
/**
 * The answer came from the source, the record or another client.
 */
export interface NothingToRecord {
  kind: "nothing";
}
/**
 * The page that answered has not said yet whether it wrote the record.
 */
export interface Recording {
  kind: "recording";
}
/**
 * The record is in the open notebook; saving the notebook keeps it.
 */
export interface Recorded {
  kind: "recorded";
}
/**
 * The page could not write the record.
 */
export interface NotRecorded {
  kind: "not_recorded";
  reason: string;
}
/**
 * What a run does, written by the kernel several times a second at most.
 *
 * ``events`` are the last custom events that are no bars, ``log`` the end of what nodes printed and logged.
 */
export interface Progress {
  kind: "progress";
  steps: Step[];
  bars: Bar[];
  events: string[];
  spoken: Spoken[];
  log: string;
}
/**
 * One node, as often as it ran; ``again``: its code above an ``interrupt()`` ran anew for an answer.
 */
export interface Step {
  kind: "step";
  node: string;
  state: "running" | "done" | "asking" | "failed";
  runs: number;
  again: boolean;
}
/**
 * A progress bar that a node draws through its ``StreamWriter``; ``total`` is ``None`` where it is not known.
 */
export interface Bar {
  kind: "bar";
  label: string;
  done: number;
  total: number | null;
}
/**
 * What a model says, as its tokens come; ``text`` is the end of it where it is long.
 */
export interface Spoken {
  kind: "spoken";
  node: string;
  text: string;
}
/**
 * Asks whether a kernel is there that knows this card.
 */
export interface Hello {
  kind: "hello";
  request: string;
}
/**
 * The door: one answer to one question, as seen at ``revision``.
 */
export interface AnswerMessage {
  kind: "answer";
  request: string;
  id: string;
  revision: number;
  draft: string;
}
/**
 * Asks how other clients would resume this interrupt with this draft.
 */
export interface SnippetsRequest {
  kind: "snippets_request";
  request: string;
  id: string;
  draft: string;
}
/**
 * What came of writing the record that an `Accepted` carried; ``request`` is the answer's.
 */
export interface RecordOutcome {
  kind: "record_outcome";
  request: string;
  outcome: Recorded | NotRecorded;
}
/**
 * Asks the run that is at work to stop.
 */
export interface StopRequest {
  kind: "stop";
  request: string;
}
/**
 * Asks the last answered question anew, in a fork of the thread.
 */
export interface AskAgainRequest {
  kind: "ask_again";
  request: string;
}
/**
 * Sends the held answers without waiting for their siblings'.
 */
export interface SendNowRequest {
  kind: "send_now";
  request: string;
}
/**
 * The kernel is there.
 */
export interface Welcome {
  kind: "welcome";
  request: string;
}
/**
 * The answer was taken; only the page that sent ``request`` writes the record.
 */
export interface Accepted {
  kind: "accepted";
  request: string;
  record: RecordToWrite | null;
}
/**
 * For the page that answered: the metadata to replay from (it fills in ``cell``), and the output to read.
 */
export interface RecordToWrite {
  kind: "record_to_write";
  format: number;
  entry: RecordEntry;
  output: {
    [k: string]: string;
  };
}
/**
 * One recorded answer, as it stands in the notebook's metadata.
 *
 * ``cell`` is the notebook's cell id and ``execution`` a token of one execution of that cell: an
 * answer given in a later execution replaces those of earlier ones. ``review`` counts the reviews that this
 * execution made before, where there are any. None of the three is used to find an answer again;
 * that is done by ``node``, ``ordinal`` (how many questions of this node came before, in this review)
 * and ``payload_sha256``. ``answer`` is JSON text, so that no number is rounded on its way through the page.
 */
export interface RecordEntry {
  cell: string;
  execution: string;
  review?: number;
  node: string;
  ordinal: number;
  payload_sha256: string;
  payload: string;
  answer: string;
  answered_at: string;
}
/**
 * The answer, or the request, was not taken; the draft stays.
 */
export interface Refused {
  kind: "refused";
  request: string;
  problem: Problem;
}
/**
 * What was asked for is under way; the view tells the rest.
 */
export interface Done {
  kind: "done";
  request: string;
}
/**
 * Lines that resume the interrupt from other clients.
 */
export interface Snippets {
  kind: "snippets";
  request: string;
  python: string;
  javascript: string;
  curl: string;
}
/**
 * What stands under ``metadata.nbhitl`` of a notebook.
 */
export interface NotebookRecord {
  format: number;
  answers: RecordEntry[];
}
