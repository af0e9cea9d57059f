export { JsonError, parse, parseDraft, remember } from "./parse";
export * from "./tree";
export { hasMarks, plain, write } from "./write";
