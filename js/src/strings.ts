/** The texts that the card and the inbox show, by the component that shows them. */
import type { Origin, PhaseEntry, StepEntry } from "./protocol";

type Status = PhaseEntry["kind"] | "gone";

export const status: Record<Status, string> = {
  starting: "Starting…",
  asking: "Waiting for you",
  running: "Running…",
  finished: "Finished",
  failed: "Failed",
  gone: "Not connected",
};

export const origin: Record<Origin, string> = {
  person: "you",
  code: "card.answer",
  script: "answers=",
  record: "the record",
  elsewhere: "another client",
  rule: "rules",
  time: "the time-out",
};

const by: Record<Origin, string> = {
  person: "Answered by you.",
  code: "Answered by card.answer.",
  script: "Answered from answers=.",
  record: "Answered from the record.",
  elsewhere: "Answered by another client.",
  rule: "Decided by rules.",
  time: "Decided by the time-out.",
};

/** A time in words, as precise as a person needs. */
function inTime(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  return seconds < 3600 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

export const title = "Review";

export const inbox = {
  title: "Inbox",
  reading: "looking…",
  count: (waiting: number) => (waiting === 1 ? "1 thread waits" : `${waiting.toLocaleString()} threads wait`),
  search: "Search",
  sort: "Sort",
  filter: { tool: "All tools", node: "All nodes", assistant: "All assistants" },
  orders: { newest: "Newest first", oldest: "Oldest first", tool: "By tool", node: "By node" },
  gone: "answered",
  noKernel: "No live kernel answers for this inbox. Run the cell again to go on.",
  failed: "failed",
  opening: "Opening…",
  next: "Next",
  close: "Close",
  nothingWaits: "No thread waits for a person.",
  nothingFound: "No thread that waits fits the search and the filters.",
  more: (count: number) => `${count.toLocaleString()} more: search, or sort otherwise.`,
  keys: "j, k: next, previous · Enter: open · n: open the next · =: alike ones in one card · /: search · Esc: close",
  over: (answering: string) => `${answering}. An answer from here is sent only if you give it twice.`,
  together: (threads: number) => `${threads} alike in one card`,
  alone: "Only this one",
};

export const questions = (count: number) => `${count} questions`;

export const link = {
  gone: (opens: boolean) =>
    "No live kernel answers for this card, so it is read-only. " +
    (opens ? "This line opens the run in another kernel:" : "Run the cell again to go on."),
  busy: "The kernel is busy with another cell. An answer given now is taken when it is free.",
};

export const question = {
  of: (asked: string, node: string) => `${asked} (${node})`,
  untitled: "Your answer is needed",
  payload: "Payload",
  answer: "Your answer",
  answerTo: (asked: string) => `Your answer: ${asked}`,
  resume: "Resume",
  askAgain: "Ask again",
  proceed: "Continue",
  undo: "Undo changes",
  toOriginal: "Back to the original",
  sentAs: (type: string) => `Will be sent as: ${type}`,
  orOther: "or another text:",
  writtenAs: "Write the answer as",
  types: { text: "Text", number: "Number", boolean: "Yes/No", json: "JSON" },
  oneKey: "object with 1 key",
  text: "text",
  unchanged: "unchanged",
  changes: "Changes",
  tooDifferent: "Too much has changed to show it word by word.",
  sending: "Sending the answer…",
  kept: (seconds: number) => `Sent in ${seconds} seconds.`,
  takeBack: "Take back",
  unconfirmed:
    "The kernel has not confirmed the answer yet. If it is busy with another cell, it takes the answer when it " +
    "is free. If it was restarted, run the cell again. Your text is kept.",
  held: "Answered. Waiting for the other questions.",
  keptDraft: (at: string, by: string, fits: boolean) =>
    fits
      ? `The field began with the draft of ${at}, by ${by}.`
      : `A draft of ${at}, by ${by}, was written in another form, and is not in the field:`,
};

export const batch = {
  count: (number: number, total: number) => `${number} of ${total}`,
  done: (number: number, total: number) => `${number} of ${total} done`,
  progress: "Progress of the batch",
  skipped: (count: number) => `${count} skipped`,
  flagged: (count: number) => `${count} flagged`,
  failed: (count: number) => `${count} failed`,
  pace: (each: number, left: number) => `${inTime(each)} each, ${inTime(left)} left`,
  next: "The next question is on its way.",
  back: "Take back",
  skip: "Skip",
  flag: "Flag",
  keys: "Keys",
  note: "Note",
  noteHint: "Why this one needs another look; Enter keeps the note",
  noNote: "flagged",
  question: (count: string) => `question ${count}`,
  alike: "Alike",
  answerAlike: (count: number) => (count === 1 ? "Answer this one" : `Answer the ${count} alike`),
  alikeHint:
    "The next answer goes to these as well. A text or a call that you edit stays with its own question.",
  noneAlike: "Nothing alike is asked at the moment.",
  failures: (count: number) => (count === 1 ? "1 run failed" : `${count} runs failed`),
  moreFailures: (count: number) => `${count} more are in the result.`,
  retry: (count: number) => (count === 1 ? "Try it again" : `Try the ${count} again`),
  sheet: [
    ["1 … 9", "choose"],
    ["Y, N", "yes, no"],
    ["Ctrl ⏎", "send a text or a form"],
    ["⌫", "take the last decision back"],
    ["S", "skip"],
    ["F", "flag with a note"],
    ["=", "show what is alike; the next answer goes to all"],
    ["T", "try failed runs again"],
    ["Esc", "leave a text, so that keys decide"],
    ["?", "show or hide these keys"],
  ] as const,
};

export const machine = {
  title: "Details",
  question: "Details of the question",
  from: "Asked by",
  toJson: "Edit as JSON",
  toForm: "Back to the form",
  keepOut: "Do not record",
  sendsLast: "Send with the last decision",
  grace: (seconds: number) => `Keep an answer back for ${seconds} seconds`,
};

export const requests = {
  stop: "Stop",
  stopping: "Stopping…",
  askAgain: {
    person: "Change my answer",
    code: "Change the answer",
    script: "Change the answer",
    record: "Change the answer",
    elsewhere: "Change the answer",
    rule: "Ask me instead",
    time: "Ask me instead",
  } satisfies Record<Origin, string>,
  sendNow: "Send now",
  unconfirmed:
    "The kernel has not confirmed this yet. If it is busy with another cell, it does so when it is free.",
};

export const progress = {
  title: "Progress",
  steps: "Steps",
  count: (steps: number) => (steps === 1 ? "1 step" : `${steps} steps`),
  times: (runs: number) => `×${runs}`,
  ran: (runs: number) => `ran ${runs} times`,
  again: (nodes: string) =>
    `LangGraph resumes a node by running it again from its start, so the code of ${nodes} above interrupt() ran again.`,
  states: { running: "running", done: "done", asking: "asks", failed: "failed" } satisfies Record<
    StepEntry["state"],
    string
  >,
  says: (node: string) => `${node} says`,
  amount: (done: string, total: string) => `${done} of ${total}`,
  events: "Events",
  log: "Log",
};

export const json = {
  invalid: (message: string) => `Not valid JSON yet: ${message}`,
  empty: "nothing is written",
  write: "Write a JSON value: a text in quotes, a number, true, false, null, a [list] or an {object}.",
  errors: {
    at: (message: string, line: number, column: number) => `${message} (line ${line}, column ${column})`,
    value: "a value is expected here: a text in quotes, a number, true, false, null, [ or {",
    string: "a text ends with a quote; line breaks in it are written \\n",
    key: "a key in quotes is expected here",
    colon: "a colon is expected after the key",
    member: "a comma or } is expected here",
    item: "a comma or ] is expected here",
    more: "nothing more is expected here",
    twice: (key: string) => `the key ${JSON.stringify(key)} stands twice`,
    deep: "it is nested too deeply",
  },
};

export const forms = {
  summary: (count: number) => `${count} places need a change:`,
  more: (count: number) => `and ${count} more`,
  required: "required",
  choose: "Choose…",
  stray: (value: string) => `Now: ${value}`,
  add: "Add",
  leftOut: "Left out.",
  remove: (label: string) => `Remove ${label}`,
  addMember: "Add a member",
  name: "Name",
  newName: "name",
  taken: "This name is taken.",
  item: (number: number) => `Item ${number}`,
  addItem: "Add an item",
  moveUp: (number: number) => `Move item ${number} up`,
  moveDown: (number: number) => `Move item ${number} down`,
  moved: (number: number, count: number) => `Now item ${number} of ${count}`,
  showMore: (count: number) => `Show ${count} more`,
  show: "Show",
  hide: "Hide",
  length: (count: number, most: number) => `${count} of ${most}`,
  noNumber: (written: string) => `“${written}” is no number: it would be sent as a text.`,
  whole: "whole number",
  bounds: {
    from: (least: string) => `from ${least}`,
    upTo: (most: string) => `up to ${most}`,
    between: (least: string, most: string) => `${least} to ${most}`,
    inSteps: (step: string) => `in steps of ${step}`,
  },
  times: { date: "2026-01-31", time: "13:45:00", "date-time": "2026-01-31T13:45:00" },
  offset: "Parts of a second, and the offset from UTC",
  noOffset: "no offset",
  broken: "One part is no JSON yet.",
};

export const table = {
  filter: "Filter rows",
  rows: (count: number) => (count === 1 ? "1 row" : `${count} rows`),
  rowsOf: (shown: number, count: number) => `${shown} of ${count} rows`,
  row: "Row",
  addRow: "Add a row",
  removeRow: "Remove the row",
  help: "Arrow keys move, Enter or F2 edits, Escape leaves a cell as it was, Ctrl+V pastes rows.",
  sort: (label: string) => `Sort by ${label}`,
  cell: (row: number, label: string) => `Row ${row}, ${label}`,
  flawed: (row: number, message: string) => `Row ${row}: ${message}`,
  pasted: (rows: number, columns: number) => `Pasted ${rows} × ${columns}`,
};

export const turns = {
  title: "Answered",
  asked: "Asked",
  recording: "Recording…",
  recorded: "recorded",
  inOutput: "recorded below",
  save: "Recorded; save the notebook to keep it.",
  by,
  byName: (name: string) => `Answered by ${name}.`,
  ruled: (by: string) => `Decided by ${by}.`,
  keptOut: "Not recorded, as you chose.",
  keptOutInLine: "not recorded",
  notRecorded: (reason: string) => `not recorded: ${reason}`,
};

export const lost = {
  elsewhere: (asked: string, by?: string) => `“${asked}” has been answered ${by ? `by ${by}` : "elsewhere"}.`,
  late: (asked: string) =>
    `“${asked}” had been answered elsewhere before: your answer came too late, and was not given.`,
  withdrawn: (asked: string) => `“${asked}” is no longer asked.`,
  draft: "What you had written:",
};

export const widget = {
  noPage: "this page has no widgets",
  notDrawn: "its code draws nothing",
  cannotShow: (why: string) =>
    `The editor for this question cannot be shown here: ${why}. Edit as JSON, or write card.answer(...).`,
};

export const waiting = {
  below: "A question waits below ↓",
  above: "A question waits above ↑",
  shortcut: (keys: string) => `${keys} leads here`,
};

export const attention = {
  waits: "A question waits for you",
  notifies: "Notify me when a question waits and I look elsewhere",
  sounds: "Play a sound then",
  denied: "The browser does not allow notifications of this page.",
};

export const result = "Result";

export const record = {
  newer: "the notebook's record was written by a newer nbhitl",
  foreign: "the notebook's metadata has an “nbhitl” that is not a record of answers",
  noNotebook: "this page gives no access to the notebook; JupyterLab and Notebook 7 give it",
  noCell:
    "no cell of the open notebook has this card as its own output; show the card outside of other widgets, " +
    "or run the cell again",
  readOnly: "the notebook is read-only",
  failed: (error: string) => `the notebook could not be written (${error}); run the cell again`,
};

export const code = {
  title: "Answers as code",
  hint: "Given to nbhitl.review, they are taken and nobody is asked.",
};

export const snippets = {
  title: "Resume from elsewhere",
  languages: { python: "Python", javascript: "JavaScript", curl: "cURL" },
  tabs: "Language",
  loading: "Asking the kernel…",
  late: "The kernel has not answered yet.",
  copy: "Copy",
  copied: "Copied",
  copyFailed: "Could not copy",
};

export const shown = {
  reorders: "an invisible character that changes the order in which text is shown",
  control: "a control character",
  invisible: "an invisible character",
};

export const contents = {
  showAll: (length: string) => `Show all ${length} characters`,
  oddHost: "This address can be taken for another: look at its letters.",
  image: "image",
  noImage: (name: string) => `${name}: this image cannot be shown`,
  fullSize: "Show in full size",
  smaller: "Show smaller",
  asWritten: "Shown as it is written",
  conversation: "Conversation",
  table: "Table",
  filter: "Filter rows",
  rows: (shown: number, all: number, more: number) => {
    const count =
      shown === all
        ? `${all.toLocaleString()} rows`
        : `${shown.toLocaleString()} of ${all.toLocaleString()} rows`;
    return more > 0 ? `${count}, … and ${more.toLocaleString()} more that are not shown` : count;
  },
  tree: "JSON",
  search: "Search",
  found: (place: number, count: number) => (count === 0 ? "nothing found" : `${place} of ${count}`),
  items: (count: number) => (count === 1 ? "1 item" : `${count.toLocaleString()} items`),
  keys: (count: number) => (count === 1 ? "1 key" : `${count.toLocaleString()} keys`),
  slice: (from: number, to: number) => `${from.toLocaleString()} … ${to.toLocaleString()}`,
};

export const review = {
  original: "Original",
  revised: "Yours",
  sideBySide: "Side by side",
  modes: "Write or preview",
  write: "Write",
  preview: "Preview",
  words: (count: number, change: number) => counted(count, "word") + changed(change),
  lines: (count: number, change: number) => counted(count, "line") + changed(change),
  unseen: (codes: string) => `Holds characters that cannot be seen: ${codes}`,
};

export const deadline = {
  left: (time: string) => `${time} left`,
  paused: (time: string) => `Paused, ${time} left`,
  otherwise: (answer: string) => `then: ${answer.replaceAll("\n", " · ")}`,
  pause: "Pause",
  goOn: "Go on counting",
};

export const rules = {
  title: "Rules",
  by: "by the rule",
  revoke: "Revoke",
  revokeThis: (rule: string) => `Revoke the rule ${rule}`,
  revoked: "revoked",
  decided: (count: number) => `${counted(count, "call")} decided`,
  scopes: { source: "from the source", review: "for this review", kernel: "for this kernel" },
  send: "Send",
  dontAsk: (tool: string) => `Approve, and don't ask again for ${tool} …`,
  scope: "How long",
  same: (value: string) => `only ${value}`,
  upTo: (value: string) => `up to ${value}`,
  any: "any value",
  allow: "Approve, and don't ask again",
};

export const decisions = {
  decided: (count: number, all: number) => `${count} of ${all} decided`,
  keys: "j k move, letters decide",
  all: (label: string) => `${label} all`,
  rest: (label: string) => `${label} the rest`,
  decision: (title: string) => (title ? `Decision on ${title}` : "Decision"),
  number: (number: number) => `Request ${number}`,
  proposed: "As proposed",
  onceMore: "Nothing is written. Enter once more sends it so.",
  unfinished: "Something that was filled in is not finished.",
  changed: "changed",
  whole: "value",
  more: (count: number) => `… and ${count} more changes`,
};

function counted(count: number, thing: string): string {
  return `${count.toLocaleString()} ${thing}${count === 1 ? "" : "s"}`;
}

function changed(change: number): string {
  return change === 0 ? "" : `, ${Math.abs(change).toLocaleString()} ${change < 0 ? "fewer" : "more"}`;
}
