// The module Worker: trains what the page asks for.
import { train } from './train.js';

globalThis.onmessage = async ({ data: engine }) => {
  try {
    postMessage(await train(engine));
  } catch (error) {
    postMessage({ error: String(error?.stack ?? error) });
  }
};
