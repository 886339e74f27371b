// The worker of `isoblob/pool` in browsers.
import { load, loaded } from "./core.js";
import type { Question } from "./pool/protocol.js";
import { work } from "./pool/work.js";

loaded(await load());

const post = (message: unknown, transfer: ArrayBuffer[] = []) => self.postMessage(message, { transfer });
self.addEventListener("message", ({ data }: MessageEvent<Question>) => void work(data, post));
post({ ready: true });
