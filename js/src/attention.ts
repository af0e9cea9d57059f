/**
 * Tells a person who looks elsewhere that a card waits: a mark in the title of the tab, and, if the person wants
 * that, a notification of the browser and a sound.
 */
import { effect, type ReadonlySignal } from "@preact/signals";
import type { Alerts } from "./remembered";
import * as strings from "./strings";

const MARK = "● ";

interface Card {
  go(): void;
  notification: Notification | null;
}

const waiting = new Set<Card>();
let watching: MutationObserver | null = null;

/** Whether the person looks at this page, as far as a page can know. */
function isInFront(): boolean {
  return document.visibilityState !== "hidden" && document.hasFocus();
}

/** Mark the page while a card waits and the page is not in front; alert once each time a card starts to wait. */
export function tellElsewhere(
  { waits, title, alerts }: { waits: ReadonlySignal<boolean>; title: () => string; alerts: Alerts },
  go: () => void,
  signal: AbortSignal,
): void {
  const end = effect(() => {
    if (!waits.value) return;
    const card: Card = { go, notification: null };
    if (waiting.size === 0)
      for (const event of EVENTS) window.addEventListener(event, draw, { capture: true });
    waiting.add(card);
    if (!isInFront()) {
      if (alerts.notifies.peek()) card.notification = notify(title(), card);
      if (alerts.sounds.peek()) sound();
    }
    draw();
    return () => {
      waiting.delete(card);
      card.notification?.close();
      if (waiting.size === 0)
        for (const event of EVENTS) window.removeEventListener(event, draw, { capture: true });
      draw();
    };
  });
  signal.addEventListener("abort", end);
}

const EVENTS = ["focus", "blur", "visibilitychange"];

/** JupyterLab writes the title anew with every run and save: the mark is put back. */
function draw(): void {
  watching?.disconnect();
  watching = null;
  const bare = document.title.startsWith(MARK) ? document.title.slice(MARK.length) : document.title;
  const title = waiting.size > 0 && !isInFront() ? MARK + bare : bare;
  if (document.title !== title) document.title = title;
  if (title === bare) return;
  watching = new MutationObserver(draw);
  watching.observe(document.head, { subtree: true, childList: true, characterData: true });
}

// --- notifications -------------------------------------------------------------------------------

/** Whether the browser has notifications for this page at all: only pages of a secure address have notifications. */
export function canNotify(): boolean {
  return typeof Notification === "function" && globalThis.isSecureContext !== false;
}

/** Have the browser ask the person; called by a click. */
export async function mayNotify(): Promise<boolean> {
  if (!canNotify()) return false;
  if (Notification.permission === "default") await Notification.requestPermission();
  return Notification.permission === "granted";
}

function notify(question: string, card: Card): Notification | null {
  if (!canNotify() || Notification.permission !== "granted") return null;
  try {
    const notification = new Notification(strings.attention.waits, { body: question });
    notification.onclick = () => {
      window.focus();
      notification.close();
      card.go();
    };
    return notification;
  } catch {
    return null; // some browsers have notifications for service workers only
  }
}

// --- the sound -----------------------------------------------------------------------------------

const TONES = [660, 880];
const TONE_SECONDS = 0.12;
const VOLUME = 0.08;

/** Two quiet tones; browsers play none before a person has clicked in the page. */
export function sound(): void {
  if (!("AudioContext" in globalThis)) return;
  try {
    play(new AudioContext());
  } catch {
    // No sound device.
  }
}

function play(audio: AudioContext): void {
  const volume = audio.createGain();
  volume.gain.value = VOLUME;
  volume.connect(audio.destination);
  const tones = TONES.map((frequency, place) => {
    const tone = audio.createOscillator();
    tone.frequency.value = frequency;
    tone.connect(volume);
    tone.start(audio.currentTime + place * TONE_SECONDS);
    tone.stop(audio.currentTime + (place + 1) * TONE_SECONDS);
    return tone;
  });
  const last = tones.at(-1);
  if (last) last.onended = () => void audio.close();
}
