/** The library functions that a module's kernels call, each printed once, scalar or vector. */
import { libraryFunction } from '../kernel/functions.ts';
import { Emitter, type LibraryIndex } from './emitter.ts';
import { PARAMETERS } from './facts.ts';
import { FunctionWriter, type ModuleWriter } from './module.ts';
import { remember } from './remember.ts';

export function makeLibrary(module: ModuleWriter): LibraryIndex {
  const known = new Map<string, number>();
  const library: LibraryIndex = (name, isVector) => {
    const key = `${name}${isVector ? '4' : ''}`;
    return remember(known, key, () => {
      const { parameters, body } = libraryFunction(name);
      const type = isVector ? 'v128' : 'f32';
      const writer = new FunctionWriter(new Array<typeof type>(parameters).fill(type), [type]);
      const emitter = new Emitter({ module, writer, library });
      emitter.vectorAxis = isVector ? PARAMETERS : null;
      emitter.count([body]);
      return module.add(writer, emitter.value(body), key);
    });
  };
  return library;
}
