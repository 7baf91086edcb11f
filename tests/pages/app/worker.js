// The module Worker: trains what the page asks for, with several threads where it says how many.
import { train, trainMuch } from './train.js';

globalThis.onmessage = async ({ data: engine }) => {
  try {
    postMessage(await (engine?.threads ? trainMuch(engine) : train(engine)));
  } catch (error) {
    postMessage({ error: String(error?.stack ?? error) });
  }
};
