/** Finding a GPU: the adapter of the page or process, or a device that the caller has. A GPU that is simulated on the processor is told apart. */
import { WeftError } from '@weftjs/graph';

export interface FoundGpu {
  readonly device: GPUDevice;
  readonly ownsDevice: boolean;
  readonly description: string;
  readonly isSoftware: boolean;
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

/** Whether an adapter is a GPU simulated on the processor. */
export function isSoftwareAdapter(info: AdapterDescription | undefined, isFallback = false): boolean {
  return isFallback || info?.isFallbackAdapter === true || SOFTWARE.test(words(info));
}

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

export const isSoftware = (adapter: GPUAdapter): boolean => isSoftwareAdapter(adapter.info, (adapter as { isFallbackAdapter?: boolean }).isFallbackAdapter);

/** What is used where a device has it: a clock, and float16. */
const FEATURES: readonly GPUFeatureName[] = ['timestamp-query', 'shader-f16'];

/** A device with the limits that large tensors need. */
export async function openAdapter(adapter: GPUAdapter, keep: unknown): Promise<FoundGpu> {
  const { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage } = adapter.limits;
  let device: GPUDevice;
  try {
    const requiredFeatures = FEATURES.filter((feature) => adapter.features.has(feature));
    device = await adapter.requestDevice({ requiredFeatures, requiredLimits: { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage } });
  } catch (error) {
    throw new WeftError('WEFT_E_BACKEND', `native({ target: 'webgpu' }) needs a GPU device. Received: ${String(error)}. Close other programs that use the GPU, or use native({ target: 'wasm' }).`, { cause: error });
  }
  return { device, ownsDevice: true, description: `WebGPU: ${words(adapter.info) || 'a GPU that does not name itself'}`, isSoftware: isSoftware(adapter), keep };
}

export function useDevice(device: GPUDevice): FoundGpu {
  const { adapterInfo } = device as { adapterInfo?: AdapterDescription };
  return { device, ownsDevice: false, description: `WebGPU: ${words(adapterInfo) || 'a device of the caller'}`, isSoftware: isSoftwareAdapter(adapterInfo), keep: device };
}
