/**
 * Device memory: blocks of one WebAssembly memory, which grows. Best fit, neighbours join when freed. Views of the memory are made anew after it
 * grew, so nothing may keep one across an allocation.
 */
import { WeftError, internalError } from '@weftjs/graph';
import { align } from '../plan/plan.ts';
import { memoryError, type Held } from '../memoryError.ts';

const PAGE = 65536;
const FIRST_PAGES = 16;
/** Extra pages to grow by, as a fraction of what is there: fewer, larger growths. */
const GROWTH = 0.25;

export interface Block {
  readonly address: number;
  readonly bytes: number;
}

interface Hole {
  address: number;
  bytes: number;
}

/** A memory that may grow to `maxPages`, or to less where the machine does not have the address space. */
function makeMemory(maxPages: number, shared: boolean): [WebAssembly.Memory, number] {
  for (let pages = maxPages; ; pages = Math.floor(pages / 2)) {
    try {
      return [new WebAssembly.Memory({ initial: FIRST_PAGES, maximum: pages, shared }), pages];
    } catch (error) {
      if (pages / 2 < FIRST_PAGES) throw new WeftError('WEFT_E_MEMORY', `The native engine needs at least ${FIRST_PAGES * PAGE} bytes of memory. Received: ${String(error)}. Close other pages or processes.`, { cause: error });
    }
  }
}

/** What a live block is for, for the message when memory runs out. */
export type Describe = () => readonly Held[];

export class Allocator {
  readonly memory: WebAssembly.Memory;
  readonly maxPages: number;
  readonly #describe: Describe;
  /** Sorted by address; never adjacent. */
  readonly #holes: Hole[] = [];
  #end: number;

  /** The first bytes stay unused, so that no block has address 0: at least `start`. */
  constructor(maxPages: number, { start, shared }: { start: number; shared: boolean }, describe: Describe) {
    this.#describe = describe;
    this.#end = start;
    [this.memory, this.maxPages] = makeMemory(maxPages, shared);
  }

  get reservedBytes(): number {
    return this.memory.buffer.byteLength;
  }

  allocate(bytes: number, what: () => string): Block {
    const size = Math.max(16, align(bytes));
    let best: Hole | undefined;
    for (const hole of this.#holes) if (hole.bytes >= size && (!best || hole.bytes < best.bytes)) best = hole;
    if (best) {
      const { address } = best;
      best.address += size;
      best.bytes -= size;
      if (best.bytes === 0) this.#holes.splice(this.#holes.indexOf(best), 1);
      return { address, bytes: size };
    }
    const last = this.#holes[this.#holes.length - 1];
    const address = last && last.address + last.bytes === this.#end ? last.address : this.#end;
    this.#reserve(address + size, size, what);
    if (address !== this.#end) this.#holes.pop();
    this.#end = address + size;
    return { address, bytes: size };
  }

  free({ address, bytes }: Block): void {
    let at = this.#holes.findIndex((hole) => hole.address > address);
    if (at < 0) at = this.#holes.length;
    const [before, after] = [this.#holes[at - 1], this.#holes[at]];
    if ((before && before.address + before.bytes > address) || (after && address + bytes > after.address)) throw internalError('a block was freed twice');
    const joinsBefore = before && before.address + before.bytes === address;
    const joinsAfter = after && address + bytes === after.address;
    if (joinsBefore) before.bytes += bytes + (joinsAfter ? after.bytes : 0);
    else if (joinsAfter) {
      after.address = address;
      after.bytes += bytes;
      return;
    } else {
      this.#holes.splice(at, 0, { address, bytes });
      return;
    }
    if (joinsAfter) this.#holes.splice(at, 1);
  }

  #reserve(end: number, bytes: number, what: () => string): void {
    const missing = Math.ceil((end - this.reservedBytes) / PAGE);
    if (missing <= 0) return;
    const pages = this.reservedBytes / PAGE;
    const room = this.maxPages - pages;
    for (const wanted of [Math.max(missing, Math.ceil(pages * GROWTH)), missing]) {
      if (missing > room) break;
      try {
        this.memory.grow(Math.min(wanted, room));
        return;
      } catch {
        // the machine has less than the limit allows
      }
    }
    throw memoryError(what(), bytes, `${this.reservedBytes} bytes reserved`, this.maxPages * PAGE, this.#describe());
  }
}
