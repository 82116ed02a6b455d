/* A stand-in for NVIDIA's libnvidia-ml.so.1, for machines without a GPU. Compiled with -DOLD it acts as a driver from
 * before MIG, field values and process utilisation.
 *
 * It reads the environment at every call. A variable named after a function holds the code that the function returns
 * (3 not supported, 15 GPU is lost). NVML_PID is the process that holds 1 GiB of the GPU. NVML_BUSY lists the samples of
 * processes that used it, `pid:share:microseconds` each, separated by spaces. NVML_COUNT is the number of GPUs (1).
 * NVML_LOST `index:calls` loses one of them after that many further calls to it. NVML_MIG is the number of instances
 * of each GPU. NVML_NAME replaces the GPU's name, NVML_VALUE every number that is read. Signatures are those of nvml.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUCCESS = 0, NOT_FOUND = 6, INSUFFICIENT_SIZE = 7, GPU_IS_LOST = 15 };
enum { INSTANCES = 0x100 }; /* handles above are instances, those below GPUs, from 1 on */
typedef struct { unsigned long long total, free, used; } memory_t;
typedef struct { unsigned int gpu, memory; } utilization_t;
typedef struct { unsigned int pid; unsigned long long used; unsigned int gpu_instance, compute_instance; } process_t;
typedef struct { unsigned int pid; unsigned long long time; unsigned int sm, memory, encoder, decoder; } sample_t;

typedef struct {
    unsigned int id, scope;
    long long timestamp, latency;
    int type, code;
    union { unsigned int number; unsigned long long bytes; } value;
} field_t;

static unsigned int number(const char *variable, unsigned int otherwise) {
    const char *value = getenv(variable);
    return value ? (unsigned int)atoi(value) : otherwise;
}

static unsigned long long value(unsigned long long otherwise) {
    const char *value = getenv("NVML_VALUE");
    return value ? strtoull(value, NULL, 10) : otherwise;
}

static const char *name(void *gpu) {
    const char *name = getenv("NVML_NAME");
    return name ? name : (unsigned long)gpu < INSTANCES ? "Stand-in 5000" : "Stand-in 5000 MIG 1g.2gb";
}

static int is_lost(void *gpu) {
    static char last[32];
    static unsigned int left;
    const char *lost = getenv("NVML_LOST");
    unsigned int index, calls;
    if (!lost || sscanf(lost, "%u:%u", &index, &calls) != 2) return last[0] = 0;
    if (strcmp(last, lost)) {
        strncpy(last, lost, sizeof last - 1);
        left = calls;
    }
    if (gpu != (void *)(index + 1UL)) return 0;
    return left ? (--left, 0) : 1;
}

static int scripted_code(const char *function, void *gpu) {
    return gpu && is_lost(gpu) ? GPU_IS_LOST : (int)number(function, SUCCESS);
}

#define ANSWER_OF(gpu, body)                                                                                          \
    {                                                                                                                 \
        int code = scripted_code(__func__, gpu);                                                                      \
        if (code == SUCCESS) { body; }                                                                                \
        return code;                                                                                                  \
    }
#define ANSWER(body) ANSWER_OF(NULL, body)

int nvmlInitWithFlags(unsigned int flags) ANSWER((void)flags)
int nvmlDeviceGetCount_v2(unsigned int *count) ANSWER(*count = number("NVML_COUNT", 1))
int nvmlDeviceGetHandleByIndex_v2(unsigned int index, void **gpu) ANSWER(*gpu = (void *)(index + 1UL))
int nvmlDeviceGetName(void *gpu, char *found, unsigned int length)
    ANSWER_OF(gpu, strncpy(found, name(gpu), length))
int nvmlSystemGetDriverVersion(char *version, unsigned int length) ANSWER(strncpy(version, "580.1", length))
int nvmlDeviceGetUtilizationRates(void *gpu, utilization_t *rates) ANSWER_OF(gpu, rates->gpu = (unsigned int)value(87); rates->memory = 12)
int nvmlDeviceGetMemoryInfo(void *gpu, memory_t *memory)
    ANSWER_OF(gpu, memory->total = value(((unsigned long)gpu < INSTANCES ? 8UL : 2UL) << 30); memory->used = value(3UL << 30))
int nvmlDeviceGetPowerUsage(void *gpu, unsigned int *milliwatts) ANSWER_OF(gpu, *milliwatts = (unsigned int)value(123400))
int nvmlDeviceGetTotalEnergyConsumption(void *gpu, unsigned long long *millijoules) ANSWER_OF(gpu, *millijoules = value(5678900))
int nvmlDeviceGetTemperature(void *gpu, int sensor, unsigned int *celsius) ANSWER_OF(gpu, (void)sensor; *celsius = (unsigned int)value(61))
int nvmlDeviceGetClockInfo(void *gpu, int type, unsigned int *mhz) ANSWER_OF(gpu, *mhz = (unsigned int)value(type == 1 ? 1980 : 2619))
int nvmlDeviceGetCurrPcieLinkGeneration(void *gpu, unsigned int *generation) ANSWER_OF(gpu, *generation = (unsigned int)value(5))
int nvmlDeviceGetCurrPcieLinkWidth(void *gpu, unsigned int *lanes) ANSWER_OF(gpu, *lanes = (unsigned int)value(16))
int nvmlDeviceGetCurrentClocksThrottleReasons(void *gpu, unsigned long long *reasons)
    ANSWER_OF(gpu, *reasons = value(0x1 | 0x4 | 0x20))
int nvmlDeviceGetGraphicsRunningProcesses_v3(void *gpu, unsigned int *count, process_t *processes)
    ANSWER_OF(gpu, (void)processes; *count = 0)

#ifndef OLD
/* NVML_MEMORY_CODE is the field's own code: the call succeeds where a sensor is lacking. */
int nvmlDeviceGetFieldValues(void *gpu, int count, field_t *fields)
    ANSWER_OF(gpu, (void)count; fields[0].code = (int)number("NVML_MEMORY_CODE", SUCCESS);
              fields[0].value.number = fields[0].id == 82 ? (unsigned int)value(number("NVML_MEMORY_TEMPERATURE", 72)) : 0)
int nvmlDeviceGetMigMode(void *gpu, unsigned int *current, unsigned int *pending)
    ANSWER_OF(gpu, *current = *pending = number("NVML_MIG", 0) > 0)
int nvmlDeviceGetMaxMigDeviceCount(void *gpu, unsigned int *count) ANSWER_OF(gpu, *count = 7)
int nvmlDeviceGetMigDeviceHandleByIndex(void *gpu, unsigned int index, void **instance) {
    int code = scripted_code(__func__, gpu);
    *instance = (void *)(unsigned long)(INSTANCES + index);
    return code == SUCCESS && index >= number("NVML_MIG", 0) ? NOT_FOUND : code;
}
#endif

int nvmlDeviceGetComputeRunningProcesses_v3(void *gpu, unsigned int *count, process_t *processes) {
    const char *pid = getenv("NVML_PID");
    int code = scripted_code(__func__, gpu);
    unsigned int room = *count;
    if (code != SUCCESS) return code;
    *count = pid ? 1 : 0;
    if (*count > room) return INSUFFICIENT_SIZE;
    if (*count) processes[0] = (process_t){.pid = (unsigned int)atoi(pid), .used = 1UL << 30};
    return SUCCESS;
}

#ifndef OLD
/* Only samples after `since`, and any without a time, as drivers give them. */
int nvmlDeviceGetProcessUtilization(void *gpu, sample_t *samples, unsigned int *count, unsigned long long since) {
    const char *left = getenv("NVML_BUSY");
    int code = scripted_code(__func__, gpu), length;
    unsigned int room = *count;
    sample_t sample = {0};
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
#endif
