/** Every text the card shows, in one place. */
import type { Origin, Phase, Step } from "./protocol";

type Status = Phase["kind"] | "gone";

const status: Record<Status, string> = {
  starting: "Starting…",
  asking: "Waiting for you",
  running: "Running…",
  finished: "Finished",
  failed: "Failed",
  gone: "Not connected",
};

const origin: Record<Origin, string> = {
  person: "answered by you",
  code: "answered by card.answer",
  script: "answered from answers=",
  record: "answered from the record",
  elsewhere: "answered by another client",
};

export const strings = {
  title: "Review",
  titleOf: (nodes: string) => `Review · ${nodes}`,
  status,
  origin,
  link: {
    gone: "No live kernel answers for this card, so it is read-only. Run the cell again to go on.",
    busy: "The kernel is busy with another cell. An answer given now is taken when it is free.",
  },
  question: {
    from: (node: string) => `Question from ${node}`,
    payload: "Payload",
    answer: "Your answer",
    answerTo: (node: string) => ` to ${node}`,
    resume: "Resume",
    askAgain: "Ask again",
    proceed: "Continue",
    undo: "Undo changes",
    toOriginal: "Back to the original",
    unchanged: "Unchanged",
    changes: "Changes",
    tooDifferent: "Too much has changed to show it word by word.",
    sending: "Sending the answer…",
    unconfirmed:
      "The kernel has not confirmed the answer yet. If it is busy with another cell, it takes the answer when it " +
      "is free. If it was restarted, run the cell again. Your text is kept.",
    held: "Answered. Waiting for the other questions.",
  },
  requests: {
    stop: "Stop",
    stopping: "Stopping…",
    askAgain: "Change my answer",
    sendNow: "Send now",
    unconfirmed:
      "The kernel has not confirmed this yet. If it is busy with another cell, it does so when it is free.",
  },
  progress: {
    title: "Progress",
    steps: "Steps",
    count: (steps: number) => (steps === 1 ? "1 step" : `${steps} steps`),
    times: (runs: number) => `×${runs}`,
    ran: (runs: number) => `ran ${runs} times`,
    again: (nodes: string) =>
      `LangGraph resumes a node by running it again from its start, so the code of ${nodes} above interrupt() ran again.`,
    states: { running: "running", done: "done", asking: "asks", failed: "failed" } satisfies Record<
      Step["state"],
      string
    >,
    says: (node: string) => `${node} says`,
    amount: (done: string, total: string) => `${done} of ${total}`,
    events: "Events",
    log: "Log",
  },
  json: {
    invalid: (message: string) => `Not valid JSON yet: ${message}`,
    empty: "nothing is written",
    sentAs: (type: string) => `Will be sent as: ${type}`,
    types: {
      text: "text",
      integer: "whole number",
      number: "number",
      boolean: "true/false",
      list: "list",
      object: "object",
      null: "null",
    },
  },
  turns: {
    title: "Answered",
    asked: "Asked",
    unchanged: "unchanged",
    recording: "Recording…",
    recorded: "Recorded. Save the notebook to keep it.",
    notRecorded: (reason: string) => `Not recorded: ${reason}`,
  },
  lost: {
    elsewhere: (node: string) => `${node} has been answered elsewhere.`,
    withdrawn: (node: string) => `${node} no longer asks.`,
    draft: "What you had written:",
  },
  result: "Result",
  record: {
    newer: "the notebook's record was written by a newer nbhitl",
    foreign: "the notebook's metadata has an “nbhitl” that is not a record of answers",
    noNotebook: "this page gives no access to the notebook",
    noCell: "no cell of the open notebook shows this card any more",
    readOnly: "the notebook is read-only",
    failed: (error: string) => `the notebook could not be written (${error})`,
  },
  snippets: {
    title: "Resume from elsewhere",
    languages: { python: "Python", javascript: "JavaScript", curl: "cURL" },
    tabs: "Language",
    loading: "Asking the kernel…",
    late: "The kernel has not answered yet.",
    copy: "Copy",
    copied: "Copied",
    copyFailed: "Could not copy",
  },
};
