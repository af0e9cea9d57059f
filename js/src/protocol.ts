// Generated from nbhitl/protocol.py by js/tools/protocol.mjs. Do not edit: change the Python and run it again.

export const ANSWER_KEY = "nbhitl_answer";
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
  | StateRequest
  | StopRequest
  | AskAgainRequest
  | SendNowRequest
  | Welcome
  | Accepted
  | Refused
  | Done
  | Checked
  | Switched
  | AddressReply
  | Snippets
  | AnswersCode
  | NotebookRecord
  | Content
  | Control
  | Field
  | FieldKind
  | KernelMessage
  | Origin
  | PageMessage
  | Phase
  | RecordStatus
  | Standing
  | Written;
export type Phase = Starting | Asking | Running | Finished | Failed;
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
export type Origin = "person" | "code" | "script" | "record" | "elsewhere";
export type RecordStatus = NothingToRecord | Recording | Recorded | InOutput | NotRecorded;
export type KernelMessage =
  Welcome | Accepted | Refused | Done | Checked | Switched | AddressReply | Snippets | AnswersCode;
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
  | StateRequest
  | StopRequest
  | AskAgainRequest
  | SendNowRequest;

/**
 * What the page draws, written by the kernel only.
 *
 * ``stop``: whether a run is at work that can be stopped; ``stopping``: it was asked to. ``ask_again``: whether the
 * last answer can be changed. ``send_now``: what it costs to send the held answers before their siblings have one;
 * ``None`` where none is held. ``records``: whether answers are recorded, so that a person may keep one out.
 * ``asides``: notes on the machine that change nothing for the person who answers.
 * ``earlier``: of a run that was found midway. ``late``: answers from here that came too late. ``card`` counts the
 * cards of the cell.
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
  asides: string[];
  snippets: boolean;
  stop: boolean;
  stopping: boolean;
  ask_again: boolean;
  send_now: string | null;
  records: boolean;
  card: number;
  earlier?: Earlier;
  late?: Late[];
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
 *
 * ``shows`` draws the payload, where the field does not show all of it, and ``payload`` is its text. ``sends`` says
 * of which type the answer is that ``field`` begins with, where it is one already, and ``sent`` is its JSON text,
 * where it is short. ``switch`` tells to what the form can be switched; ``written``: as which type the answer is
 * written, where that is for the person to choose. ``may_have_run`` says what an answer may do again, ``goes_on`` that
 * only a run that was cut off asks this: both are for a client that answers in place of a person.
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
  kind: "question";
  standing: Standing;
}
/**
 * A text; ``markdown`` where it is to be read as Markdown.
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
 * ``numeric``: which columns hold numbers only.
 */
export interface Grid {
  kind: "grid";
  columns: string[];
  numeric: boolean[];
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
 * One message of a conversation.
 */
export interface Message {
  kind: "message";
  role: string;
  shows: Content[];
}
/**
 * A mapping whose values are worth showing each in its own way.
 */
export interface Parts {
  kind: "parts";
  parts: Part[];
}
/**
 * One entry of a mapping, by its key.
 */
export interface Part {
  kind: "part";
  label: string;
  shows: Content[];
}
/**
 * A text to write, or to revise; what changed against ``original`` is shown.
 *
 * ``language``: ``"markdown"``, ``"python"``, ``"sql"``, …; empty for prose. ``options`` are texts that can be taken
 * as they are. ``key``: the answer is a mapping with the text under this key.
 */
export interface TextField {
  kind: "text";
  original: string;
  language: string;
  options?: string[];
  key?: string;
}
/**
 * Any JSON value, edited as JSON text; ``secret``: a secret may stand in it.
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
 * A form; the draft is the JSON text of the answer, ``original`` what it begins with.
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
 * A text. ``secret`` is not shown as it is typed; ``long`` has several lines; ``longest`` in characters.
 *
 * ``options`` are texts that can be taken as they are.
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
 * One of several values.
 */
export interface ChoiceControl {
  kind: "choice";
  options: Option[];
}
/**
 * One of a choice; ``value`` is JSON text.
 */
export interface Option {
  kind: "option";
  label: string;
  hint: string;
  value: string;
}
/**
 * A list of some of several values.
 */
export interface ChoicesControl {
  kind: "choices";
  options: Option[];
}
/**
 * An object; ``others`` is the control of members that are not listed, where there may be some.
 *
 * ``start`` is the JSON text with which such a member begins.
 */
export interface GroupControl {
  kind: "group";
  members: Member[];
  others: Control | null;
  start: string;
}
/**
 * One member of a group; ``start`` is the JSON text it begins with where it is added.
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
 * A list of alike items; a new one begins as ``start``. Drawn as a table where ``table``: of flat objects.
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
 * A list whose items differ by their place.
 */
export interface RowControl {
  kind: "row";
  items: Member[];
}
/**
 * One of several shapes, told by the value at the member ``by``, or else by the type of the value.
 *
 * An optional value is one of two shapes, of which the other is a `FixedControl` of ``null``.
 */
export interface VariantsControl {
  kind: "variants";
  by: string | null;
  variants: Variant[];
}
/**
 * One of several shapes; ``start`` is the JSON text it begins with.
 *
 * ``tag`` is the JSON text of the value that tells it, at the member ``by`` of its `VariantsControl`.
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
 * A value that is kept nowhere and not shown again, whatever draws it: a number, a list. A text says so itself.
 */
export interface SecretControl {
  kind: "secret";
  control: Control;
}
/**
 * The control that stands under this name in ``shared`` of the field; schemas may contain themselves.
 */
export interface SharedControl {
  kind: "shared";
  name: string;
}
/**
 * Any JSON value, written as JSON: what cannot be drawn. ``why`` names the keyword that is to blame.
 */
export interface JsonControl {
  kind: "json";
  why: string;
}
/**
 * Decisions on one or several requests.
 *
 * The draft is JSON text: a list with one entry for each request, ``null`` while it is undecided, else
 * ``{"action": name, "value": what was filled in}`` (without ``value`` where there is nothing to fill in).
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
 * One thing to decide on: a tool call, say.
 */
export interface Request {
  kind: "request";
  title: string;
  shows: Content[];
  actions: Action[];
}
/**
 * One thing that can be decided; ``control`` is filled in for it, beginning with ``start`` (JSON text).
 *
 * ``key`` is the letter that chooses it. ``asks`` says what is to be written, where the control does not say it.
 * ``sends`` is the name of the button that sends what was filled in.
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
 * An ipywidget of the user's; the answer is its ``value``, which the kernel reads. ``widget`` refers to it.
 */
export interface WidgetField {
  kind: "widget";
  original: string;
  widget: string;
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
 * A question that has been answered.
 *
 * ``field`` is the kind of the field that it was answered with; ``original`` the text that the answer revises, empty
 * where it is no revision.
 */
export interface Turn {
  id: string;
  node: string;
  prompt: string;
  field: FieldKind;
  original: string;
  answer: string;
  origin: Origin;
  kind: "turn";
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
 * The kernel writes the record into the output of the cell that is held; saving the notebook keeps it.
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
 * What a run asked before a review found it, for a client that gives recorded answers in place of a person.
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
 * A question of a run that was found midway: its node, and its id where it is pending still.
 */
export interface EarlierQuestion {
  node: string;
  id: string | null;
}
/**
 * An answer from here that another client overtook.
 *
 * ``id`` is the interrupt's; ``record`` takes back what the page has written for the answer.
 */
export interface Late {
  kind: "late";
  id: string;
  record: RecordToWrite | null;
}
/**
 * For the page that answered: the metadata to replay from (it fills in ``cell``), and the output to read.
 *
 * ``output`` is ``None`` where the kernel shows it, when the cell has ended. ``forget``: the answer is not to be kept,
 * and what was recorded for the question before is to go; ``output`` takes the place of the one that told it.
 * ``exact``: only this very entry is to be forgotten, not one that has taken its place. ``earlier``: the questions of
 * this run that an earlier execution had answered, whose entries stay.
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
}
/**
 * One recorded answer, as it stands in the notebook's metadata.
 *
 * ``cell`` is the notebook's cell id and ``execution`` a token of one execution of that cell: an
 * answer given in a later execution replaces those of earlier ones. ``review`` counts the reviews that this
 * execution made before, where there are any. ``answered_at`` and ``answered_by`` tell when, and which user of the
 * kernel's machine or hub. None of these is used to find an answer again; that is done by
 * ``key`` (the review's, where it has one), ``node``, ``ordinal`` (how many questions of this node came before, in
 * this review) and ``payload_sha256``. ``answer`` is JSON text, so that no number is rounded on its way through the
 * page. ``output`` is what tells of it in the cell, where the review has a key: its run may be found midway in a later
 * execution, which then tells of the answer without having been given it. ``in_output``: whether it was read from
 * the metadata of an output. ``seconds`` and ``keys``: see `AnswerMessage`.
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
}
/**
 * Which answer an output tells, and where it stands: such outputs are the last of their cell, sorted by ``place``.
 *
 * So a cell shows the same whenever its questions were answered: in whatever order, while it was held or later, by a
 * person or in a replay. ``card`` counts the cards of the cell; with ``node`` and ``ordinal`` it names the question.
 * ``failure``: no answer is told, but that the card's run has failed; it goes where the run is no failed one any more.
 */
export interface ToldAnswer {
  card: number;
  node: string;
  ordinal: number;
  place: number[];
  failure?: boolean;
}
/**
 * Where an answer stands in its review.
 */
export interface RecordPlace {
  node: string;
  ordinal: number;
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
}
/**
 * What of the view hardly ever changes.
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
}
/**
 * A `Question` without its standing, as it is sent.
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
  kind: "pending";
}
/**
 * A `Turn` without what became of its record, as it is sent.
 */
export interface Settled {
  id: string;
  node: string;
  prompt: string;
  field: FieldKind;
  original: string;
  answer: string;
  origin: Origin;
  kind: "settled";
}
/**
 * What belongs to a group of entries; sent with each of its changes.
 *
 * ``keys`` says how many keys of each family there are, and ``written`` is the sum of the ``number`` of all entries
 * of the group. An entry's number only grows, so that a page that comes to a lower sum has missed a message.
 */
export interface Head {
  kind: "head";
  keys: {
    [k: string]: number;
  };
  written: number;
}
/**
 * Who says what stands in its pieces: those from the ``first`` on.
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
 * One entry of the widget's state; ``value`` is null where it is gone. ``rank`` is its place among its family.
 */
export interface Entry {
  number: number;
  value: unknown;
  rank?: number;
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
 *
 * ``record`` is false where the answer is to be kept out of the notebook. ``why_not`` says why the page has no way to
 * write into it; the kernel does, where its cell is held. ``seconds`` and ``keys`` say how long the answer took from
 * the first sight of its question, and how many keys were pressed in it.
 */
export interface AnswerMessage {
  kind: "answer";
  request: string;
  id: string;
  revision: number;
  draft: string;
  record?: boolean;
  why_not?: string;
  seconds?: number;
  keys?: number;
}
/**
 * The door, for clients without an editor: ``value`` is the resume value, as JSON text.
 *
 * Decisions stand in it as `nbhitl.decisions.to_json` writes them.
 */
export interface ResumeMessage {
  kind: "resume";
  request: string;
  id: string;
  revision: number;
  value: string;
}
/**
 * Asks what a recorded answer to this question is found by.
 */
export interface AddressRequest {
  kind: "address_request";
  request: string;
  id: string;
}
/**
 * The only person there leaves, and says why: the cell that waits for them fails with that.
 */
export interface LeaveMessage {
  kind: "leave";
  request: string;
  why: string;
}
/**
 * Asks what an answer with this draft would be, and whether it could be sent.
 */
export interface CheckRequest {
  kind: "check";
  request: string;
  id: string;
  draft: string;
}
/**
 * Asks for another form: JSON, or another type, in place of what was guessed, or back.
 */
export interface SwitchRequest {
  kind: "switch";
  request: string;
  id: string;
  draft: string;
  to: "json" | "form" | "text" | "number" | "boolean";
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
 * Asks for the answers of this review as source code.
 */
export interface CodeRequest {
  kind: "code_request";
  request: string;
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
 * Asks for all entries again: a message of the kernel was lost.
 */
export interface StateRequest {
  kind: "state_request";
  request: string;
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
 * The kernel is there; ``revision`` is that of its view.
 */
export interface Welcome {
  kind: "welcome";
  request: string;
  revision: number;
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
 * The answer, or the request, was not taken; the draft stays. ``flaws`` say where it does not fit.
 */
export interface Refused {
  kind: "refused";
  request: string;
  problem: Problem;
  flaws: Flaw[];
}
/**
 * What is wrong with a draft, and where: keys and indices from its top, as text.
 */
export interface Flaw {
  kind: "flaw";
  path: string[];
  message: string;
}
/**
 * What was asked for is under way; the view tells the rest.
 */
export interface Done {
  kind: "done";
  request: string;
}
/**
 * What an answer would be: ``sends`` is its type in words, empty where the draft makes none.
 *
 * ``sent`` is its JSON text, where it is short.
 */
export interface Checked {
  kind: "checked";
  request: string;
  sends: string;
  sent: string;
  flaws: Flaw[];
}
/**
 * The form was switched; the view shows the other, and ``draft`` is what was written, as it stands in that one.
 */
export interface Switched {
  kind: "switched";
  request: string;
  draft: string;
}
/**
 * What a recorded answer to the question is found by; ``payload`` is JSON text, all of it.
 *
 * ``ignore``: what of it is set aside; ``stop``: whether the run stopped without a question.
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
 * The answers as source code: what ``nbhitl.review`` is given to ask nobody.
 */
export interface AnswersCode {
  kind: "answers_code";
  request: string;
  python: string;
}
/**
 * The answers of one cell, as they stand under its `RECORD_KEY`.
 */
export interface NotebookRecord {
  format: number;
  answers: RecordEntry[];
}
