/* Lists fences of every form, writes of control and PMP registers, cancels, stores, resets and other requests.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "disturb.h"

typedef struct disturb_list {
  sweep_disturbance *list;
  unsigned count;
  const tw_config *config;
  const sweep_world *world;
  tw_pins_control control;
} disturb_list;

static sweep_step *add(disturb_list *self, const char *name, sweep_kind kind) {
  sweep_disturbance *one = &self->list[self->count++];
  *one = (sweep_disturbance){.name = name, .step = {.kind = kind, .port = TW_PORT_DATA}};
  return &one->step;
}

static void fence_add(disturb_list *self, const char *name, const tw_pins_fence *fence) {
  const unsigned kinds = self->config->extensions & TW_EXT_SVINVAL ? 2 : 1;
  for (unsigned kind = 0; kind < kinds; kind++) {
    sweep_step *step = add(self, name, SWEEP_FENCE);
    step->fence = *fence;
    step->fence.valid = 1;
    step->fence.kind = kind ? TW_PIN_SINVAL_VMA : TW_PIN_SFENCE_VMA;
  }
}

static void fences_add(disturb_list *self) {
  const sweep_world *world = self->world;
  const uint64_t outside = UINT64_C(1) << 63; /* not canonical on RV64 */
  fence_add(self, "fence all", &(tw_pins_fence){0});
  fence_add(self, "fence asid, matching", &(tw_pins_fence){.has_asid = 1, .asid = 1});
  fence_add(self, "fence asid, another", &(tw_pins_fence){.has_asid = 1, .asid = 2});
  fence_add(self, "fence va, matching", &(tw_pins_fence){.has_va = 1, .va = world->va});
  fence_add(self, "fence va, another part of the page", &(tw_pins_fence){.has_va = 1, .va = world->part});
  fence_add(self, "fence va, the neighbour", &(tw_pins_fence){.has_va = 1, .va = world->neighbour});
  fence_add(self, "fence va, another", &(tw_pins_fence){.has_va = 1, .va = world->other});
  fence_add(self, "fence va-asid, matching", &(tw_pins_fence){.has_va = 1, .va = world->va, .has_asid = 1, .asid = 1});
  fence_add(self, "fence va-asid, another address",
            &(tw_pins_fence){.has_va = 1, .va = world->other, .has_asid = 1, .asid = 1});
  fence_add(self, "fence va-asid, another asid",
            &(tw_pins_fence){.has_va = 1, .va = world->part, .has_asid = 1, .asid = 2});
  if (world->row->xlen == 64) fence_add(self, "fence va, not valid", &(tw_pins_fence){.has_va = 1, .va = outside});
  if (!(self->config->extensions & TW_EXT_SVINVAL)) return;
  add(self, "sfence.w.inval", SWEEP_FENCE)->fence = (tw_pins_fence){.valid = 1, .kind = TW_PIN_SFENCE_W_INVAL};
  add(self, "sfence.inval.ir", SWEEP_FENCE)->fence = (tw_pins_fence){.valid = 1, .kind = TW_PIN_SFENCE_INVAL_IR};
}

static tw_pins_control *control_add(disturb_list *self, const char *name) {
  sweep_step *step = add(self, name, SWEEP_CONTROL);
  step->control = self->control;
  return &step->control;
}

static void controls_add(disturb_list *self) {
  const sweep_world *world = self->world;
  control_add(self, "control, satp root")->satp = sweep_satp(world, world->other_root, 1);
  control_add(self, "control, satp asid")->satp = sweep_satp(world, world->root, 2);
  control_add(self, "control, satp Bare")->satp = 0;
  control_add(self, "control, satp the same");
  if (world->row->xlen == 64) control_add(self, "control, satp mode not supported")->satp = UINT64_C(7) << 60 | 1;
  if (world->page.mode != TW_SV32 && self->config->mode > TW_SV39) {
    const uint64_t scheme = world->page.mode == TW_SV39 ? 9 : 8;
    control_add(self, "control, satp mode")->satp = scheme << 60 | self->control.satp << 4 >> 4;
  }
  control_add(self, "control, privilege")->privilege ^= 1;
  control_add(self, "control, M-mode")->privilege = TW_MACHINE;
  control_add(self, "control, sum")->sum ^= 1;
  control_add(self, "control, mxr")->mxr ^= 1;
  control_add(self, "control, mprv")->mprv ^= 1;
  control_add(self, "control, mpp")->mpp ^= 1;
  control_add(self, "control, adue")->adue ^= 1;
  control_add(self, "control, pbmte")->pbmte ^= 1;
}

static void pmp_add(disturb_list *self, const char *name, unsigned kind, unsigned index, uint64_t value) {
  add(self, name, SWEEP_PMP)->pmp =
      (tw_pins_pmp){.valid = 1, .kind = (uint8_t)kind, .index = (uint8_t)index, .value = value};
}

static void pmps_add(disturb_list *self) {
  if (self->config->pmp_entries == 0) return;
  pmp_add(self, "pmp, deny all", TW_PIN_PMP_CFG, 0, TW_PMP_NAPOT);
  pmp_add(self, "pmp, deny writes", TW_PIN_PMP_CFG, 0, TW_PMP_NAPOT | TW_PMP_R | TW_PMP_X);
  pmp_add(self, "pmp, take away what grants", TW_PIN_PMP_CFG, self->config->pmp_entries - 1, 0);
  pmp_add(self, "pmp, move what grants", TW_PIN_PMP_ADDR, self->config->pmp_entries - 1, 0);
  pmp_add(self, "pmp, lock", TW_PIN_PMP_CFG, 0, TW_PMP_L | TW_PMP_NAPOT | TW_PMP_R | TW_PMP_W | TW_PMP_X);
  pmp_add(self, "pmp, mseccfg", TW_PIN_PMP_MSECCFG, 0, TW_MSECCFG_MML | TW_MSECCFG_MMWP);
}

static void stores_add(disturb_list *self) {
  const sweep_world *world = self->world;
  static const char *const names[] = {"store, invalid",        "store, A and D",      "store, a pointer",
                                      "store, a denying leaf", "store, another leaf", "store, reserved"};
  const uint64_t leaf = world->leaf;
  const uint64_t values[] = {0,
                             leaf | TW_PTE_A | TW_PTE_D,
                             UINT64_C(0x80040) << 10 | TW_PTE_V,
                             (leaf & ~(uint64_t)(TW_PTE_R | TW_PTE_W | TW_PTE_X | TW_PTE_A)) | TW_PTE_X,
                             leaf ^ 0x300,
                             (leaf & ~(uint64_t)TW_PTE_R) | TW_PTE_W};
  for (unsigned i = 0; i < sizeof values / sizeof values[0]; i++) {
    sweep_step *step = add(self, names[i], SWEEP_STORE);
    step->pa = world->entry[world->page.leaf];
    step->value = values[i];
  }
}

static void access_add(disturb_list *self, const char *name, tw_port port, unsigned kind, uint64_t va) {
  sweep_step *step = add(self, name, SWEEP_ACCESS);
  step->port = port;
  step->access = (tw_pins_request){.valid = 1, .tag = 9, .kind = (uint8_t)kind, .size = 4, .va = va};
}

static void others_add(disturb_list *self) {
  const sweep_world *world = self->world;
  access_add(self, "fetch of the page", TW_PORT_FETCH, TW_PIN_KIND_FETCH, world->part);
  access_add(self, "fetch of another page", TW_PORT_FETCH, TW_PIN_KIND_FETCH, world->other);
  access_add(self, "load of the page", TW_PORT_DATA, TW_PIN_KIND_LOAD, world->va);
  access_add(self, "store to another part of the page", TW_PORT_DATA, TW_PIN_KIND_STORE, world->part);
  access_add(self, "load of another page", TW_PORT_DATA, TW_PIN_KIND_LOAD, world->other);
  add(self, "cancel, data", SWEEP_CANCEL)->access.tag = 1;
  add(self, "cancel, the second of data", SWEEP_CANCEL)->access.tag = 2;
  sweep_step *step = add(self, "cancel, fetch", SWEEP_CANCEL);
  step->port = TW_PORT_FETCH;
  step->access.tag = 1;
  add(self, "reset", SWEEP_RESET);
}

unsigned sweep_disturbances(const tw_config *config, const sweep_world *world, const tw_pins_control *control,
                            sweep_disturbance list[DISTURB_MAX]) {
  disturb_list self = {.list = list, .config = config, .world = world, .control = *control};
  fences_add(&self);
  controls_add(&self);
  pmps_add(&self);
  stores_add(&self);
  others_add(&self);
  return self.count;
}
