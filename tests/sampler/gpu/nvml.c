/* A stand-in for NVIDIA's libnvidia-ml.so.1 with one GPU, for machines that have none.
 *
 * The environment decides, at every call: a variable named like a function holds the code that the function returns
 * (3 not supported, 15 GPU is lost), NVML_PID the process that holds 1 GiB of the GPU, and NVML_BUSY the samples of
 * processes that used it, `pid:share:microseconds` each, parted by spaces. Signatures are those of nvml.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUCCESS = 0, NOT_FOUND = 6, INSUFFICIENT_SIZE = 7 };
typedef struct { unsigned long long total, free, used; } memory_t;
typedef struct { unsigned int gpu, memory; } utilization_t;
typedef struct { unsigned int pid; unsigned long long used; unsigned int gpu_instance, compute_instance; } process_t;
typedef struct { unsigned int pid; unsigned long long time; unsigned int sm, memory, encoder, decoder; } sample_t;

static int told(const char *function) {
    const char *code = getenv(function);
    return code ? atoi(code) : SUCCESS;
}

#define ANSWER(body)                                                                                                  \
    {                                                                                                                 \
        int code = told(__func__);                                                                                    \
        if (code == SUCCESS) { body; }                                                                                \
        return code;                                                                                                  \
    }

int nvmlInitWithFlags(unsigned int flags) ANSWER((void)flags)
int nvmlDeviceGetCount_v2(unsigned int *count) ANSWER(*count = 1)
int nvmlDeviceGetHandleByIndex_v2(unsigned int index, void **gpu) ANSWER(*gpu = (void *)(index + 1UL))
int nvmlDeviceGetName(void *gpu, char *name, unsigned int length) ANSWER((void)gpu; strncpy(name, "Stand-in 5000", length))
int nvmlSystemGetDriverVersion(char *version, unsigned int length) ANSWER(strncpy(version, "580.1", length))
int nvmlDeviceGetUtilizationRates(void *gpu, utilization_t *rates) ANSWER((void)gpu; rates->gpu = 87; rates->memory = 12)
int nvmlDeviceGetMemoryInfo(void *gpu, memory_t *memory)
    ANSWER((void)gpu; memory->total = 8UL << 30; memory->free = 5UL << 30; memory->used = 3UL << 30)
int nvmlDeviceGetPowerUsage(void *gpu, unsigned int *milliwatts) ANSWER((void)gpu; *milliwatts = 123400)
int nvmlDeviceGetTotalEnergyConsumption(void *gpu, unsigned long long *millijoules) ANSWER((void)gpu; *millijoules = 5678900)
int nvmlDeviceGetTemperature(void *gpu, int sensor, unsigned int *celsius) ANSWER((void)gpu; (void)sensor; *celsius = 61)
int nvmlDeviceGetClockInfo(void *gpu, int type, unsigned int *mhz) ANSWER((void)gpu; *mhz = type == 1 ? 1980 : 2619)
int nvmlDeviceGetCurrentClocksThrottleReasons(void *gpu, unsigned long long *reasons)
    ANSWER((void)gpu; *reasons = 0x1 | 0x4 | 0x20)
int nvmlDeviceGetGraphicsRunningProcesses_v3(void *gpu, unsigned int *count, process_t *processes)
    ANSWER((void)gpu; (void)processes; *count = 0)

int nvmlDeviceGetComputeRunningProcesses_v3(void *gpu, unsigned int *count, process_t *processes) {
    const char *pid = getenv("NVML_PID");
    int code = told(__func__);
    unsigned int room = *count;
    (void)gpu;
    if (code != SUCCESS) return code;
    *count = pid ? 1 : 0;
    if (*count > room) return INSUFFICIENT_SIZE;
    if (*count) processes[0] = (process_t){.pid = (unsigned int)atoi(pid), .used = 1UL << 30};
    return SUCCESS;
}

/* Only samples after `since`, and any without a time, as drivers give them. */
int nvmlDeviceGetProcessUtilization(void *gpu, sample_t *samples, unsigned int *count, unsigned long long since) {
    const char *left = getenv("NVML_BUSY");
    int code = told(__func__), length;
    unsigned int room = *count;
    sample_t sample = {0};
    (void)gpu;
    if (code != SUCCESS) return code;
    *count = 0;
    while (left && sscanf(left, "%u:%u:%llu%n", &sample.pid, &sample.sm, &sample.time, &length) == 3) {
        left += length;
        if (sample.time && sample.time <= since) continue;
        if (samples && *count < room) samples[*count] = sample;
        ++*count;
    }
    if (!*count) return NOT_FOUND;
    return *count > room ? INSUFFICIENT_SIZE : SUCCESS;
}
