-- Who is master at 1000. GCON as it resets insists on master; a partner that adapts is slave, one that insists on the
-- same is a fault: GSTATUS latches it, negotiation ends in an error, no link. Below 1000 roles do not matter.
local nic = scenario { name = "master-slave-fault", cable = false,
                       manual = { "13.4.7.1.10", "13.4.7.1.11", "13.4.7.1.16" } }
local r, phy = nic.regs, nic.phy
r.CTRL:write { SLU = 1 }

local function plug(gcon, role, fields)
  nic:partner(nil)
  phy.GCON:write(gcon | 0x200)
  phy.PINTS:raw()
  phy.GSTATUS:raw()
  nic:partner { role = role }
  nic:run(s(2))
  phy.GSTATUS:expect(fields)
  r.STATUS:expect { LU = fields.MS_FAULT == 1 and 0 or 1 }
  phy.PINTS:expect { AN_ERROR = fields.MS_FAULT, LINK = 1 - fields.MS_FAULT }
end

step "we insist on master"
plug(0x1800, "any", { MS_MASTER = 1, MS_FAULT = 0, LOCAL_RECEIVER_OK = 1 })
plug(0x1800, "slave", { MS_MASTER = 1, MS_FAULT = 0, LOCAL_RECEIVER_OK = 1 })
plug(0x1800, "master", { MS_MASTER = 1, MS_FAULT = 1, LOCAL_RECEIVER_OK = 0, REMOTE_RECEIVER_OK = 0 })

step "the fault is latched until read"
phy.GSTATUS:expect { MS_FAULT = 0 }

step "we insist on slave"
plug(0x1000, "any", { MS_MASTER = 0, MS_FAULT = 0 })
plug(0x1000, "master", { MS_MASTER = 0, MS_FAULT = 0 })
plug(0x1000, "slave", { MS_MASTER = 0, MS_FAULT = 1 })

step "we do not insist: the partner's wish, or by port type"
plug(0x0400, "any", { MS_MASTER = 1, MS_FAULT = 0 })
plug(0x0400, "master", { MS_MASTER = 0, MS_FAULT = 0 })
plug(0x0000, "any", { MS_MASTER = 0, MS_FAULT = 0 })
plug(0x0000, "slave", { MS_MASTER = 1, MS_FAULT = 0 })

step "1000 not advertised by us: two masters link at 100"
nic:partner(nil)
phy.GCON:write(0x1800)
nic:partner { role = "master" }
nic:run(s(2))
r.STATUS:expect { LU = 1, SPEED = 1 }
