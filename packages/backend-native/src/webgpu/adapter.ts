/** Finding a GPU: the adapter of the page or process, or a device that the caller has. A GPU that is simulated on the processor is told apart. */
import { WeftError } from '@weftjs/graph';

export interface FoundGpu {
  readonly device: GPUDevice;
  readonly ownsDevice: boolean;
  readonly description: string;
  readonly isSoftware: boolean;
  readonly hasSubgroups: boolean;
  readonly keep: unknown;
}

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|software|\bwarp\b|basic render|\bcpu\b/i;

interface AdapterDescription {
  readonly vendor?: string;
  readonly architecture?: string;
  readonly device?: string;
  readonly description?: string;
  readonly isFallbackAdapter?: boolean;
}

const words = (info: AdapterDescription | undefined): string => [info?.vendor, info?.architecture, info?.device, info?.description].filter(Boolean).join(' ');

/** What adapters and devices tell about themselves; whether they are a simulation on the processor was told by adapters themselves before. */
interface Described {
  readonly info?: AdapterDescription;
  readonly isFallbackAdapter?: boolean;
}

/** Whether an adapter is a GPU simulated on the processor. */
export const isSoftware = ({ info, isFallbackAdapter }: Described): boolean =>
  isFallbackAdapter === true || info?.isFallbackAdapter === true || SOFTWARE.test(words(info));

/** The GPU interface of this environment, if it has one. */
export function findGpu(): GPU | null {
  return (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu ?? null;
}

/** An adapter that is not a simulation, or null. */
export async function findHardwareAdapter(gpu: GPU | null): Promise<GPUAdapter | null> {
  const adapter = await requestAdapter(gpu);
  return adapter && !isSoftware(adapter) ? adapter : null;
}

export async function requestAdapter(gpu: GPU | null): Promise<GPUAdapter | null> {
  try {
    return (await gpu?.requestAdapter({ powerPreference: 'high-performance' })) ?? null;
  } catch {
    return null;
  }
}

/** What is used where a device has it: a clock, float16, and subgroups. */
const FEATURES = ['timestamp-query', 'shader-f16', 'subgroups'] as readonly GPUFeatureName[];

/** A device and what is to be known of it; subgroups are told apart by numbers in shaders, a part of the language that came later. */
function found(device: GPUDevice, ownsDevice: boolean, described: Described, unnamed: string, gpu: GPU | null, keep: unknown): FoundGpu {
  const hasSubgroups = device.features.has('subgroups' as GPUFeatureName) && gpu?.wgslLanguageFeatures?.has('subgroup_id') === true;
  return { device, ownsDevice, description: `WebGPU: ${words(described.info) || unnamed}`, isSoftware: isSoftware(described), hasSubgroups, keep };
}

/** A device with the limits that large tensors need. */
export async function openAdapter(adapter: GPUAdapter, keep: GPU | null): Promise<FoundGpu> {
  const { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage } = adapter.limits;
  let device: GPUDevice;
  try {
    const requiredFeatures = FEATURES.filter((feature) => adapter.features.has(feature));
    device = await adapter.requestDevice({ requiredFeatures, requiredLimits: { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage } });
  } catch (error) {
    throw new WeftError('WEFT_E_BACKEND', `native({ target: 'webgpu' }) needs a GPU device. Received: ${String(error)}. Close other programs that use the GPU, or use native({ target: 'wasm' }).`, { cause: error });
  }
  return found(device, true, adapter, 'a GPU that does not name itself', keep, keep);
}

export const useDevice = (device: GPUDevice): FoundGpu =>
  found(device, false, { info: (device as { adapterInfo?: AdapterDescription }).adapterInfo }, 'a device of the caller', findGpu(), device);
