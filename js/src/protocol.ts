// Generated from nbhitl/protocol/ by js/tools/protocol.mjs. Do not edit: change the Python and run `poe protocol`.

export const ANSWER_KEY = "nbhitl_answer";
export const OUTPUT_KEY = "nbhitl_record";
export const PIECES = 9;
export const RECORD_FORMAT = 1;
export const RECORD_KEY = "nbhitl.";

export type Wire =
  | View
  | Progress
  | ViewHead
  | About
  | Pending
  | Settled
  | Head
  | Voice
  | Piece
  | Entry
  | Hello
  | AnswerMessage
  | ResumeMessage
  | AddressRequest
  | LeaveMessage
  | CheckRequest
  | SwitchRequest
  | SnippetsRequest
  | CodeRequest
  | RecordOutcome
  | RecordsRequest
  | StateRequest
  | StopRequest
  | AskAgainRequest
  | SendNowRequest
  | ApplyRulesRequest
  | RevokeRequest
  | AllowRequest
  | PauseRequest
  | RetryRequest
  | FetchRequest
  | BeginMessage
  | Welcome
  | Accepted
  | RefusedMessage
  | Done
  | Checked
  | Switched
  | AddressReply
  | Snippets
  | AnswersCode
  | Records
  | Replies
  | NotebookRecord
  | InboxHead
  | InboxRow
  | OpenedThread
  | InboxSeen
  | OpenThread
  | Content
  | Control
  | Field
  | FieldKind
  | InboxMessage
  | KernelMessage
  | PageMessage
  | Scope
  | Origin
  | Standing
  | Written
  | RecordStatus
  | PhaseEntry;
export type PhaseEntry = StartingPhase | AskingPhase | RunningPhase | FinishedPhase | FailedPhase;
export type Content = Prose | Code | Tree | Grid | Image | Link | Messages | Parts;
export type Field = TextField | JsonField | ContinueField | FormField | DecisionsField | WidgetField;
export type Control =
  | TextControl
  | NumberControl
  | SwitchControl
  | ChoiceControl
  | ChoicesControl
  | GroupControl
  | ListControl
  | RowControl
  | VariantsControl
  | FixedControl
  | SecretControl
  | SharedControl
  | JsonControl;
export type Written = "text" | "number" | "boolean" | "json";
export type Standing = Open | Held;
export type FieldKind = "text" | "json" | "continue" | "form" | "decisions" | "widget";
export type Origin = "person" | "code" | "script" | "record" | "elsewhere" | "rule" | "time";
export type RecordStatus = NothingToRecord | Recording | Recorded | InOutput | NotRecorded | KeptOut;
export type Scope = "source" | "review" | "kernel";
export type InboxMessage = InboxSeen | OpenThread;
export type KernelMessage =
  Welcome | Accepted | RefusedMessage | Done | Checked | Switched | AddressReply | Snippets | AnswersCode | Records;
export type PageMessage =
  | Hello
  | AnswerMessage
  | ResumeMessage
  | AddressRequest
  | LeaveMessage
  | CheckRequest
  | SwitchRequest
  | SnippetsRequest
  | CodeRequest
  | RecordOutcome
  | RecordsRequest
  | StateRequest
  | StopRequest
  | AskAgainRequest
  | SendNowRequest
  | ApplyRulesRequest
  | RevokeRequest
  | AllowRequest
  | PauseRequest
  | RetryRequest
  | FetchRequest
  | BeginMessage;

/**
 * Everything that the page draws, written by the kernel only.
 *
 * ``stop``: whether a run is at work that can be stopped; ``stopping``: whether the run was asked to stop.
 * ``ask_again``: whether the last answer can be changed. ``send_now``: the cost of sending the held answers before the
 * answers of siblings; ``None`` where none is held. ``records``: whether answers are recorded, so that a person may
 * keep an answer out. ``asides``: technical notes that make no difference to the person who answers. ``earlier``: the
 * past of a run that was found midway. ``late``: answers from here that came too late. ``card`` counts the cards of
 * the cell. ``rules`` may decide in this review. ``decided``: the records of decisions without a person, which a page
 * writes. ``result_shown``: whether the cell shows the result, so that the card does not repeat the result.
 * ``opens``: the way back to the run where the kernel is gone. ``answering``: see `About`.
 */
export interface View {
  kind: "view";
  revision: number;
  graph: string;
  runs_on: string;
  phase: PhaseEntry;
  questions: Question[];
  turns: Turn[];
  notes: string[];
  asides: string[];
  snippets: boolean;
  stop: boolean;
  stopping: boolean;
  ask_again: boolean;
  send_now: string | null;
  records: boolean;
  card: number;
  result_shown?: boolean;
  earlier?: Earlier;
  late?: Late[];
  batch?: BatchEntry;
  rules?: RuleInForce[];
  decided?: DecidedMessage[];
  opens?: Opens;
  answering?: AnsweringEntry;
}
/**
 * The run works and has not asked yet.
 */
export interface StartingPhase {
  kind: "starting";
}
/**
 * At least one question is open.
 */
export interface AskingPhase {
  kind: "asking";
}
/**
 * The run works again, after an answer from here or elsewhere.
 */
export interface RunningPhase {
  kind: "running";
}
/**
 * The run has ended; ``result`` is the result as text, ``gist`` the result on a line, in words where possible.
 */
export interface FinishedPhase {
  kind: "finished";
  result: string;
  gist: string;
}
/**
 * The run, or a request to the engine, raised.
 */
export interface FailedPhase {
  kind: "failed";
  problem: Problem;
}
/**
 * An error in words for people.
 */
export interface Problem {
  kind: "problem";
  name: string;
  message: string;
}
/**
 * A pending interrupt.
 *
 * ``shows`` draws the payload, where the field does not show the whole payload, and ``payload`` is the text of the
 * payload. ``sends`` names the type of the answer with which ``field`` begins, where the draft is an answer already,
 * and ``sent`` is the JSON text, where short. ``switch`` is the kind of form to which the person can switch;
 * ``written`` is the type in which the answer is written, where the person may choose. ``may_have_run`` names the
 * steps that an answer may run again; ``goes_on``: the question only asks whether a run that was cut off may go on.
 * Both are for a client that answers in place of a person. ``ruled`` are the decisions of rules on the requests,
 * ``deadline`` is the time for the question, ``offered`` the draft of another kernel. ``alike``, in a batch, is equal
 * for questions that the same answer may fit.
 */
export interface Question {
  id: string;
  node: string;
  prompt: string;
  shows: Content[];
  payload: string;
  field: Field;
  sends: string;
  sent: string;
  switch: ("json" | "form") | null;
  written: Written | null;
  former: Former | null;
  may_have_run?: string;
  goes_on?: boolean;
  ruled?: Ruled[];
  deadline?: Deadline;
  offered?: Offered;
  alike?: string;
  kind: "question";
  standing: Standing;
}
/**
 * A text; ``markdown`` if the text is Markdown.
 */
export interface Prose {
  kind: "prose";
  text: string;
  markdown: boolean;
}
/**
 * Program text; ``language`` is ``"python"``, ``"sql"``, ``"json"``, …, or empty.
 */
export interface Code {
  kind: "code";
  text: string;
  language: string;
}
/**
 * A JSON value to look into; ``text`` is JSON.
 */
export interface Tree {
  kind: "tree";
  text: string;
}
/**
 * Records as a table; ``rows`` holds a text for each column, ``more`` counts the rows that are not shown.
 *
 * ``numeric``: which columns hold numbers only; ``ticks``: which hold booleans only.
 */
export interface Grid {
  kind: "grid";
  columns: string[];
  numeric: boolean[];
  ticks: boolean[];
  rows: string[][];
  more: number;
}
/**
 * An image; ``src`` is a data URL of a raster image.
 */
export interface Image {
  kind: "image";
  src: string;
  alt: string;
}
/**
 * A link; ``url`` is ``https:``, ``http:`` or ``mailto:``.
 */
export interface Link {
  kind: "link";
  url: string;
  label: string;
}
/**
 * A conversation.
 */
export interface Messages {
  kind: "messages";
  messages: Message[];
}
/**
 * A message of a conversation.
 */
export interface Message {
  kind: "message";
  role: string;
  shows: Content[];
}
/**
 * A mapping whose values are each drawn in a suitable way.
 */
export interface Parts {
  kind: "parts";
  parts: Part[];
}
/**
 * An entry of a mapping, under a key.
 */
export interface Part {
  kind: "part";
  label: string;
  shows: Content[];
}
/**
 * A text to write, or to revise; changes against ``original`` are shown.
 *
 * ``language``: ``"markdown"``, ``"python"``, ``"sql"``, …; empty for prose. ``options`` are texts that can be taken
 * unchanged. ``key``: the answer is a mapping with the text under this key.
 */
export interface TextField {
  kind: "text";
  original: string;
  language: string;
  options?: string[];
  key?: string;
}
/**
 * Any JSON value, edited as JSON text; ``secret``: the value may contain a secret.
 */
export interface JsonField {
  kind: "json";
  original: string;
  secret?: boolean;
}
/**
 * Nothing to fill in: the only answer is to go on.
 */
export interface ContinueField {
  kind: "continue";
  original: string;
}
/**
 * A form; the draft is the JSON text of the answer, ``original`` the draft at the beginning.
 */
export interface FormField {
  kind: "form";
  original: string;
  control: Control;
  shared: {
    [k: string]: Control;
  };
}
/**
 * A text. ``secret`` is masked while typed; ``long`` has several lines; ``longest`` in characters.
 *
 * ``options`` are texts that can be taken unchanged.
 */
export interface TextControl {
  kind: "text";
  format: "plain" | "email" | "uri" | "date" | "time" | "date-time" | "secret" | "long" | "code";
  language: string;
  longest: number | null;
  options?: string[];
}
/**
 * A number; bounds and step are JSON numbers, as text.
 */
export interface NumberControl {
  kind: "number";
  integer: boolean;
  least: string | null;
  most: string | null;
  step: string | null;
}
/**
 * True or false.
 */
export interface SwitchControl {
  kind: "switch";
}
/**
 * A single value out of several.
 */
export interface ChoiceControl {
  kind: "choice";
  options: Option[];
}
/**
 * An option of a choice; ``value`` is JSON text.
 */
export interface Option {
  kind: "option";
  label: string;
  hint: string;
  value: string;
}
/**
 * A list of values out of several.
 */
export interface ChoicesControl {
  kind: "choices";
  options: Option[];
}
/**
 * An object; ``others`` is the control of members that are not listed, where such members are allowed.
 *
 * ``start`` is the JSON text of such a member at the beginning.
 */
export interface GroupControl {
  kind: "group";
  members: Member[];
  others: Control | null;
  start: string;
}
/**
 * A member of a group; ``start`` is the JSON text of a member that is added.
 */
export interface Member {
  kind: "member";
  name: string;
  label: string;
  hint: string;
  required: boolean;
  start: string;
  control: Control;
}
/**
 * A list of alike items; a new item begins as ``start``. ``table``: a list of flat objects, drawn as a table.
 */
export interface ListControl {
  kind: "list";
  item: Control;
  start: string;
  fewest: number;
  most: number | null;
  table: boolean;
}
/**
 * A list whose items differ by place.
 */
export interface RowControl {
  kind: "row";
  items: Member[];
}
/**
 * A value of several possible shapes, identified by the member ``by``, else by the type of the value.
 *
 * An optional value has two shapes: the second is a `FixedControl` of ``null``.
 */
export interface VariantsControl {
  kind: "variants";
  by: string | null;
  variants: Variant[];
}
/**
 * A possible shape of a value; ``start`` is the JSON text at the beginning.
 *
 * ``tag`` is the JSON text of the value that identifies the shape, at the member ``by`` of the `VariantsControl`.
 */
export interface Variant {
  kind: "variant";
  label: string;
  hint: string;
  tag: string | null;
  start: string;
  control: Control;
}
/**
 * Nothing to choose: ``value`` is JSON text.
 */
export interface FixedControl {
  kind: "fixed";
  value: string;
}
/**
 * A value that is stored nowhere and not shown again; a secret text has a ``format`` in place of this control.
 */
export interface SecretControl {
  kind: "secret";
  control: Control;
}
/**
 * The control under this name in the field's ``shared``; schemas may contain themselves.
 */
export interface SharedControl {
  kind: "shared";
  name: string;
}
/**
 * Any JSON value, written as JSON: a part that cannot be drawn. ``why`` names the responsible keyword.
 */
export interface JsonControl {
  kind: "json";
  why: string;
}
/**
 * Decisions on requests.
 *
 * The draft is JSON text: a list with an entry for each request, ``null`` while undecided, else
 * ``{"action": name, "value": filled-in value}`` (without ``value`` where there is nothing to fill in).
 */
export interface DecisionsField {
  kind: "decisions";
  original: string;
  requests: Request[];
  shared: {
    [k: string]: Control;
  };
}
/**
 * A thing to decide on: a tool call, say.
 */
export interface Request {
  kind: "request";
  title: string;
  shows: Content[];
  actions: Action[];
  call?: ToolCall;
}
/**
 * A possible decision; ``control`` is filled in for the decision, beginning with ``start`` (JSON text).
 *
 * ``key`` is the letter that chooses the action. ``asks`` describes the text to write, where the control does not.
 * ``sends`` is the name of the button that sends the filled-in value.
 */
export interface Action {
  kind: "action";
  name: string;
  label: string;
  key: string;
  look: "good" | "bad" | "plain";
  control: Control | null;
  start: string;
  asks: string;
  sends: string;
}
/**
 * A tool call of which a person can make a rule.
 */
export interface ToolCall {
  kind: "call";
  tool: string;
  args: CallArgument[];
}
/**
 * An argument of a tool call; ``bounded``: whether a rule can accept values up to the value of the call.
 */
export interface CallArgument {
  name: string;
  text: string;
  bounded: boolean;
}
/**
 * The user's ipywidget, named by ``widget``; the answer is the widget's ``value``, which the kernel reads.
 */
export interface WidgetField {
  kind: "widget";
  original: string;
  widget: string;
}
/**
 * The question was asked before: a known former ``answer`` is offered in the editor; ``message`` gives the reason.
 *
 * A node raised on that answer, or the run was cut off in the node, or a sibling had to be asked again, or the person
 * changes the answer. ``again``: an answer has the question asked anew.
 */
export interface Former {
  kind: "former";
  answer: string | null;
  message: string;
  again: boolean;
}
/**
 * The decision of a rule on a request of a question: fixed as long as the rule is in force.
 *
 * ``request`` counts the requests of the field, ``action`` names the action of the draft, ``rule`` is the ``id`` of
 * the `RuleInForce`, and ``text`` the rule as written.
 */
export interface Ruled {
  kind: "ruled";
  request: number;
  action: string;
  rule: string;
  text: string;
}
/**
 * The time for a question; ``otherwise`` is the answer when the time is over, in words.
 *
 * ``at`` is the end of the time, in seconds since 1970 by the kernel's clock. ``left`` are the remaining seconds while
 * the countdown is paused.
 */
export interface Deadline {
  kind: "deadline";
  at: number;
  left: number | null;
  otherwise: string;
}
/**
 * A draft that another kernel kept for a question.
 *
 * ``fits``: the draft was typed in this very field, which takes the text; ``new``: no page has taken the text yet.
 * ``at`` is the time, ISO 8601, ``by`` the user.
 */
export interface Offered {
  kind: "offered";
  text: string;
  fits: boolean;
  at: string;
  by: string;
  new: boolean;
}
/**
 * The question waits; ``problem`` says why the last answer failed.
 */
export interface Open {
  kind: "open";
  problem: string | null;
}
/**
 * Answered here; sent together with the siblings once all are answered.
 */
export interface Held {
  kind: "held";
  answer: string;
}
/**
 * A question that has been answered.
 *
 * ``field`` is the kind of the field at the time of the answer; ``original`` the text that the answer revises, empty
 * for an answer that revises nothing. ``gist`` is the answer in the words of the form, on a line, where these differ
 * from ``answer``. ``ruled`` names the rules that took part in the decision, and ``by`` the person, where the page
 * that answered knew the name.
 */
export interface Turn {
  id: string;
  node: string;
  prompt: string;
  field: FieldKind;
  original: string;
  answer: string;
  gist?: string;
  origin: Origin;
  ruled?: string;
  by?: string;
  kind: "turn";
  record: RecordStatus;
}
/**
 * The answer came from the source, the record or another client, or the review records no answers.
 */
export interface NothingToRecord {
  kind: "nothing";
}
/**
 * The page that answered has not yet reported whether the record was written.
 */
export interface Recording {
  kind: "recording";
}
/**
 * The record is in the open notebook; saving the notebook keeps the record.
 */
export interface Recorded {
  kind: "recorded";
}
/**
 * The kernel writes the record into the output of the held cell; saving the notebook keeps the record.
 */
export interface InOutput {
  kind: "in_output";
}
/**
 * The page could not write the record.
 */
export interface NotRecorded {
  kind: "not_recorded";
  reason: string;
}
/**
 * A person kept the answer out of the notebook.
 */
export interface KeptOut {
  kind: "kept_out";
}
/**
 * Questions that a run asked before a review found the run, for a client that gives recorded answers.
 *
 * ``card`` counts the cards of the cell.
 */
export interface Earlier {
  kind: "earlier";
  key: string;
  review: number;
  card: number;
  questions: EarlierQuestion[];
  unsure: string[];
  in_order: boolean;
  why_unknown: string | null;
}
/**
 * A question of a run that was found midway: the node, and the interrupt's id while pending.
 */
export interface EarlierQuestion {
  node: string;
  id: string | null;
}
/**
 * An answer from here that another client overtook.
 *
 * ``id`` is the interrupt's; ``record`` takes back the record that the page has written for the answer.
 */
export interface Late {
  kind: "late";
  id: string;
  record: RecordToWrite | null;
}
/**
 * For the page that answered: the metadata to replay from (the page fills in ``cell``), and the output to read.
 *
 * ``output`` is ``None`` if the kernel shows the output when the cell has ended. ``forget``: the answer must not be
 * kept, and the former record of the question is removed; ``output`` replaces the former output. ``exact``: only this
 * very entry is removed, not a later entry for the same question. ``earlier``: the questions of this run that an
 * earlier execution had answered, whose entries stay. ``keep``: all entries with this key stay.
 */
export interface RecordToWrite {
  kind: "record_to_write";
  format: number;
  entry: RecordEntry;
  output: {
    [k: string]: string;
  } | null;
  told: ToldAnswer;
  earlier?: RecordPlace[];
  forget?: boolean;
  exact?: boolean;
  keep?: boolean;
}
/**
 * A recorded answer, as stored in the notebook's metadata.
 *
 * ``cell`` is the notebook's cell id and ``execution`` a token of the execution of that cell: an answer given in a
 * later execution replaces the answers of earlier executions. ``review`` counts the earlier reviews of this execution,
 * if any. ``answered_at`` is the time, ``answered_by`` the person, as the Jupyter server names the person, or else the
 * user of the kernel's machine or hub. An answer is found again by none of these, but by ``key`` (of the review, where
 * there is a key), ``node``, ``ordinal`` (the number of earlier questions of this node in this review) and
 * ``payload_sha256``. ``answer`` is JSON text, so that the page rounds no number. ``output`` is the text about the
 * answer in the cell, where the review has a key: a later execution may find the run midway, and shows the answer
 * without having asked. ``in_output``: whether the record was read from the metadata of an output. ``rules``: for each
 * tool call the rule that decided, null for a person; ``revoked``: the rules of the source that a person had revoked.
 * ``by_time``: nobody answered in time. ``seconds`` and ``keys``: see `AnswerMessage`.
 */
export interface RecordEntry {
  cell: string;
  execution: string;
  review?: number;
  key?: string;
  node: string;
  ordinal: number;
  payload_sha256: string;
  payload: string;
  answer: string;
  answered_at: string;
  answered_by: string;
  seconds?: number;
  keys?: number;
  output?: {
    [k: string]: string;
  };
  in_output?: boolean;
  rules?: (RuledCall | null)[];
  revoked?: string[];
  by_time?: boolean;
}
/**
 * The rule that decided on a tool call, as written in the source.
 */
export interface RuledCall {
  rule: string;
  scope: Scope;
}
/**
 * The answer in an output, with the place of the output: such outputs are last in a cell, sorted by ``place``.
 *
 * So a cell looks the same, in any order and at any time of the answers: while the cell was held or later, by a person
 * or in a replay. ``card`` counts the cards of the cell; with ``node`` and ``ordinal`` the count identifies the
 * question. ``failure``: the output is about the failed run of the card, not about an answer; the output is removed
 * once the run no longer counts as failed.
 */
export interface ToldAnswer {
  card: number;
  node: string;
  ordinal: number;
  place: number[];
  failure?: boolean;
}
/**
 * The place of an answer in a review.
 */
export interface RecordPlace {
  node: string;
  ordinal: number;
}
/**
 * Progress of a batch, counted in items.
 *
 * ``failures`` are the first failed items. ``waiting`` counts the items whose question is not there yet. ``taken`` are
 * the questions whose answers are on their way to their runs: the counts do not have them yet.
 */
export interface BatchEntry {
  kind: "batch";
  total: number;
  decided: number;
  skipped: number;
  failed: number;
  flagged: number;
  waiting: number;
  failures: FailedItem[];
  several: SeveralEntry[];
  taken: string[];
}
/**
 * An item whose run failed; ``number`` counts from 1.
 */
export interface FailedItem {
  kind: "failed_item";
  number: number;
  input: string;
  error: string;
}
/**
 * An item with several questions side by side; ``item`` is the number with which the ids of the questions begin.
 */
export interface SeveralEntry {
  kind: "several";
  item: number;
  decided: number;
  total: number;
}
/**
 * A rule that may decide in this review.
 *
 * ``decides`` is the decision of the rule, ``decided`` the number of calls so far, and ``calls`` are the last of these
 * calls. A revoked rule decides no more.
 */
export interface RuleInForce {
  kind: "rule";
  id: string;
  text: string;
  decides: "allow" | "deny";
  scope: Scope;
  decided: number;
  calls: string[];
  revoked: boolean;
}
/**
 * A decision that no person sent, after the end of the cell: a page writes ``record`` into the notebook.
 *
 * The `RecordOutcome` of the page has the same ``request``.
 */
export interface DecidedMessage {
  kind: "decided";
  request: string;
  record: RecordToWrite;
}
/**
 * A line of source that opens the thread in another kernel, without secrets; ``remark`` names missing settings.
 */
export interface Opens {
  kind: "opens";
  code: string;
  remark: string;
}
/**
 * Who answers the questions in further kernels: the names, and a sentence for a person who is none of these.
 */
export interface AnsweringEntry {
  kind: "answering";
  names: string[];
  text: string;
}
/**
 * The progress of a run, written by the kernel several times a second at most.
 *
 * ``events`` are the last custom events without bars, ``log`` is the end of printed and logged texts of nodes.
 */
export interface Progress {
  kind: "progress";
  steps: StepEntry[];
  bars: Bar[];
  events: string[];
  spoken: Spoken[];
  log: string;
}
/**
 * A node, for all runs of the node; ``again``: the code above an ``interrupt()`` ran anew for an answer.
 */
export interface StepEntry {
  kind: "step";
  node: string;
  state: "running" | "done" | "asking" | "failed";
  runs: number;
  again: boolean;
}
/**
 * A progress bar that a node draws through a ``StreamWriter``; ``total`` is ``None`` if unknown.
 */
export interface Bar {
  kind: "bar";
  label: string;
  done: number;
  total: number | null;
}
/**
 * The text of a model, while the tokens come; of a long text ``text`` is the end.
 */
export interface Spoken {
  kind: "spoken";
  node: string;
  text: string;
}
/**
 * The head of the view; see `Head` and `View`.
 */
export interface ViewHead {
  kind: "view_head";
  keys: {
    [k: string]: number;
  };
  written: number;
  revision: number;
  stop: boolean;
  stopping: boolean;
  ask_again: boolean;
  send_now: string | null;
  result_shown?: boolean;
}
/**
 * Parts of the view that hardly ever change.
 *
 * ``opens`` is the line of source that opens the thread in another kernel, where that is possible. ``answering`` says
 * who answers the questions in another kernel, where somebody does.
 */
export interface About {
  kind: "about";
  graph: string;
  runs_on: string;
  notes: string[];
  asides: string[];
  snippets: boolean;
  records: boolean;
  card: number;
  opens?: Opens;
  answering?: AnsweringEntry;
}
/**
 * A `Question` without the standing, as sent.
 */
export interface Pending {
  id: string;
  node: string;
  prompt: string;
  shows: Content[];
  payload: string;
  field: Field;
  sends: string;
  sent: string;
  switch: ("json" | "form") | null;
  written: Written | null;
  former: Former | null;
  may_have_run?: string;
  goes_on?: boolean;
  ruled?: Ruled[];
  deadline?: Deadline;
  offered?: Offered;
  alike?: string;
  kind: "pending";
}
/**
 * A `Turn` without the status of the record, as sent.
 */
export interface Settled {
  id: string;
  node: string;
  prompt: string;
  field: FieldKind;
  original: string;
  answer: string;
  gist?: string;
  origin: Origin;
  ruled?: string;
  by?: string;
  kind: "settled";
}
/**
 * The head of a group of entries; sent with each change of the group.
 *
 * ``keys`` is the number of keys in each family, and ``written`` the sum of the ``number`` of all entries in the
 * group. An entry's number only grows, so a page with a lower sum has missed a message.
 */
export interface Head {
  kind: "head";
  keys: {
    [k: string]: number;
  };
  written: number;
}
/**
 * The node of the text in the pieces from the ``first`` on.
 */
export interface Voice {
  kind: "voice";
  node: string;
  first: number;
}
/**
 * The ``nth`` piece of a text.
 */
export interface Piece {
  kind: "piece";
  nth: number;
  text: string;
}
/**
 * An entry of the widget's state; ``value`` is null for a removed entry. ``rank`` is the place in the family.
 */
export interface Entry {
  number: number;
  value: unknown;
  rank?: number;
}
/**
 * Asks whether a kernel with this card is there.
 */
export interface Hello {
  kind: "hello";
  request: string;
}
/**
 * An answer to a question, as seen at ``revision``.
 *
 * ``record`` is false where the answer is to be kept out of the notebook. ``why_not`` is the reason why the page
 * cannot write into the notebook; then the kernel writes, where the cell is held. ``seconds`` is the time of the
 * answer from the first sight of the question, and ``keys`` the number of pressed keys. ``by`` is the name with which
 * the person is logged in at the Jupyter server, where the page knows the name.
 */
export interface AnswerMessage {
  kind: "answer";
  request: string;
  id: string;
  revision: number;
  draft: string;
  item?: ItemMarks;
  record?: boolean;
  why_not?: string;
  seconds?: number;
  keys?: number;
  by?: string;
}
/**
 * Marks of a person beside the answer to a question of a batch.
 *
 * ``seconds``: the time that the question was on screen. ``flag``: a note. ``skipped``: there is no answer.
 */
export interface ItemMarks {
  seconds?: number;
  flag?: string;
  skipped?: boolean;
}
/**
 * An answer from a client without an editor: ``value`` is the resume value, as JSON text.
 *
 * Decisions have the form of `nbhitl.decisions.to_json`. ``recorded``: the answer is from a record, and is compared
 * with the rules of the source.
 */
export interface ResumeMessage {
  kind: "resume";
  request: string;
  id: string;
  revision: number;
  value: string;
  recorded?: RecordedBy;
}
/**
 * How a recorded answer came about: see `RecordEntry`.
 *
 * ``words``: the answer is from a file of answers, and may hold unquoted words (`nbhitl.unquoted`).
 */
export interface RecordedBy {
  rules: (RuledCall | null)[];
  revoked: string[];
  by_time: boolean;
  answered_by: string;
  words?: boolean;
}
/**
 * Asks for the address of a recorded answer to this question.
 */
export interface AddressRequest {
  kind: "address_request";
  request: string;
  id: string;
}
/**
 * The only person leaves, with a reason: the cell that waits for the person fails with this reason.
 */
export interface LeaveMessage {
  kind: "leave";
  request: string;
  why: string;
}
/**
 * Asks for the answer that this draft makes, and whether the answer could be sent.
 */
export interface CheckRequest {
  kind: "check";
  request: string;
  id: string;
  draft: string;
}
/**
 * Asks for another form of a question: JSON, the form again, or another type where the type is a guess.
 */
export interface SwitchRequest {
  kind: "switch";
  request: string;
  id: string;
  draft: string;
  to: "json" | "form" | "text" | "number" | "boolean";
}
/**
 * Asks for lines with which further clients would resume this interrupt with this draft.
 */
export interface SnippetsRequest {
  kind: "snippets_request";
  request: string;
  id: string;
  draft: string;
}
/**
 * Asks for the answers of this review as source code.
 */
export interface CodeRequest {
  kind: "code_request";
  request: string;
}
/**
 * The outcome of writing the record of an `Accepted`; ``request`` is the answer's.
 */
export interface RecordOutcome {
  kind: "record_outcome";
  request: string;
  outcome: Recorded | NotRecorded;
}
/**
 * Asks for the records that the notebook of this page lacks; ``has`` are the answers recorded for the card's cell.
 *
 * A page that had these records may have gone before writing or saving them.
 */
export interface RecordsRequest {
  kind: "records_request";
  request: string;
  has: RecordedAt[];
}
/**
 * Identifies a recorded answer of a notebook; see `RecordEntry`.
 */
export interface RecordedAt {
  execution: string;
  review?: number;
  node: string;
  ordinal: number;
  answered_at: string;
}
/**
 * Asks for all entries again: a message of the kernel was lost.
 */
export interface StateRequest {
  kind: "state_request";
  request: string;
}
/**
 * Asks the run in progress to stop.
 */
export interface StopRequest {
  kind: "stop";
  request: string;
}
/**
 * Asks to repeat the last answered question, in a fork of the thread.
 */
export interface AskAgainRequest {
  kind: "ask_again";
  request: string;
}
/**
 * Sends the held answers without waiting for answers to the siblings.
 */
export interface SendNowRequest {
  kind: "send_now";
  request: string;
}
/**
 * Lets the rules answer a question if the rules decide on every call; for a client that replays a notebook.
 */
export interface ApplyRulesRequest {
  kind: "apply_rules";
  request: string;
  id: string;
}
/**
 * Revokes a rule for all later calls; a person decides where a decision of the rule was not sent yet.
 */
export interface RevokeRequest {
  kind: "revoke";
  request: string;
  rule: string;
}
/**
 * Approves a call, and makes a rule that approves similar calls.
 *
 * ``call`` counts the requests of the question, as seen at ``revision``. ``bounds`` tells which values of each
 * argument the rule accepts; for an argument without a bound, only the value of the call.
 */
export interface AllowRequest {
  kind: "allow";
  request: string;
  id: string;
  revision: number;
  call: number;
  scope: "review" | "kernel";
  bounds: {
    [k: string]: "any" | "same" | "up_to";
  };
}
/**
 * Stops the countdown of a question, because a person works on the answer; ``goes_on``: continues the countdown.
 */
export interface PauseRequest {
  kind: "pause";
  request: string;
  id: string;
  goes_on: boolean;
}
/**
 * Runs the failed items of a batch again, each from the last checkpoint of the run.
 */
export interface RetryRequest {
  kind: "retry";
  request: string;
}
/**
 * Fetches more questions of a batch ahead, to see which are alike.
 */
export interface FetchRequest {
  kind: "fetch";
  request: string;
}
/**
 * Says that a person changes an answer, at most once in a while; ``by`` is the person's name, where known.
 */
export interface BeginMessage {
  kind: "begin";
  request: string;
  by?: string;
}
/**
 * The kernel is there; ``revision`` is the revision of the view, ``now`` the kernel's time since 1970.
 */
export interface Welcome {
  kind: "welcome";
  request: string;
  revision: number;
  now?: number;
}
/**
 * The answer was taken; only the page that sent ``request`` writes the record.
 *
 * ``revision`` is that of the review with the answer; the view of this revision, or of a later one, may follow.
 */
export interface Accepted {
  kind: "accepted";
  request: string;
  revision: number;
  record: RecordToWrite | null;
}
/**
 * The answer, or the request, was not taken; the draft stays. ``flaws`` name the places that do not fit.
 */
export interface RefusedMessage {
  kind: "refused";
  request: string;
  problem: Problem;
  flaws: Flaw[];
}
/**
 * A flaw of a draft, with the place: keys and indices from the top, as text.
 */
export interface Flaw {
  kind: "flaw";
  path: string[];
  message: string;
}
/**
 * The request is being handled; the view tells the rest.
 */
export interface Done {
  kind: "done";
  request: string;
}
/**
 * The answer that a draft makes: ``sends`` is the type in words, empty if the draft makes no answer.
 *
 * ``sent`` is the answer's JSON text, if short.
 */
export interface Checked {
  kind: "checked";
  request: string;
  sends: string;
  sent: string;
  flaws: Flaw[];
}
/**
 * The form was switched; the view shows the new form, and ``draft`` is the former draft in the new form.
 */
export interface Switched {
  kind: "switched";
  request: string;
  draft: string;
}
/**
 * The address of a recorded answer to the question; ``payload`` is the complete JSON text.
 *
 * ``ignore``: parts of the payload to ignore; ``stop``: whether the run stopped without a question.
 */
export interface AddressReply {
  kind: "address";
  request: string;
  key: string;
  node: string;
  ordinal: number;
  payload: string;
  review: number;
  ignore: string[];
  stop: boolean;
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
 * The answers as source code: arguments for ``nbhitl.review`` that ask nobody.
 */
export interface AnswersCode {
  kind: "answers_code";
  request: string;
  python: string;
}
/**
 * The records that the notebook lacks, in the order of the answers, with the outputs that tell the answers.
 */
export interface Records {
  kind: "records";
  request: string;
  records: KeptRecord[];
}
/**
 * A record that the kernel has kept for pages; the `RecordOutcome` of the page has the same ``request``.
 */
export interface KeptRecord {
  kind: "kept_record";
  request: string;
  record: RecordToWrite;
}
/**
 * The possible replies to each message of the page, if there are any, by the ``kind`` of the message.
 */
export interface Replies {
  hello: Welcome;
  answer: Accepted | RefusedMessage;
  resume: Accepted | RefusedMessage;
  address_request: AddressReply | RefusedMessage;
  leave: Done | RefusedMessage;
  check: Checked | RefusedMessage;
  switch: Switched | RefusedMessage;
  snippets_request: Snippets | RefusedMessage;
  code_request: AnswersCode | RefusedMessage;
  records_request: Records | RefusedMessage;
  state_request: Done | RefusedMessage;
  stop: Done | RefusedMessage;
  ask_again: Done | RefusedMessage;
  send_now: Done | RefusedMessage;
  apply_rules: Done | RefusedMessage;
  revoke: Done | RefusedMessage;
  allow: Done | RefusedMessage;
  pause: Done | RefusedMessage;
  begin: Done | RefusedMessage;
  retry: Done | RefusedMessage;
  fetch: Done | RefusedMessage;
}
/**
 * The answers of a cell, as stored under the `RECORD_KEY`.
 */
export interface NotebookRecord {
  format: number;
  answers: RecordEntry[];
}
/**
 * The state of the whole list. ``is_read``: false until the first look ended; ``problem``: why a look failed.
 */
export interface InboxHead {
  kind: "inbox_head";
  title: string;
  is_read: boolean;
  problem: string;
}
/**
 * A thread that waits.
 *
 * ``since`` is a time in ISO 8601, empty where unknown; ``failed`` the exception of the last resume, empty where there
 * is none. ``text`` is searched, and not shown. ``answering`` says who has the question open elsewhere.
 * ``alike`` is equal for rows that the same answer may fit; empty where the thread is answered by itself.
 */
export interface InboxRow {
  kind: "inbox_row";
  thread: string;
  asked: string;
  tool: string;
  node: string;
  since: string;
  assistant: string;
  failed: string;
  text: string;
  answering: string;
  alike: string;
}
/**
 * A thread that was opened: the model id of the card, or the reason of a failure.
 *
 * In the widget's ``cards`` by the thread's id; a card of several threads by ``=`` and the ids of all, a line each.
 */
export interface OpenedThread {
  kind: "opened_thread";
  card: string;
  problem: string;
}
/**
 * A page shows the inbox; ``open`` are the threads that are opened in the inbox.
 *
 * ``by`` is the name with which the person is logged in at the Jupyter server, where the page knows the name.
 */
export interface InboxSeen {
  kind: "inbox_seen";
  page: string;
  open: string[];
  by?: string;
}
/**
 * A person opens a thread; ``together`` are the threads that are alike, for the same card.
 */
export interface OpenThread {
  kind: "open_thread";
  thread: string;
  together: string[];
}
