#!/usr/bin/env python
# coding: utf-8

# # RNN by hand

# In[1]:


import numpy as np
get_ipython().run_line_magic('matplotlib', 'inline')


# In[2]:


def rnn_cell(input_t, hidden_state_t, Wx, Wh, b):
    return np.tanh(Wx.dot(input_t) + Wh.dot(hidden_state_t) + b)


# In[3]:


def rnn_layer(inputs, Wx, Wh, b, hidden_state_0=None):
    if inputs.ndim == 2:
        return _run(inputs, Wx, Wh, b, hidden_state_0)
    return np.stack([_run(inputs[n], Wx, Wh, b, None if hidden_state_0 is None else hidden_state_0[n])
                     for n in range(inputs.shape[0])])


def _run(inputs, Wx, Wh, b, state):
    out = [np.zeros(Wh.shape[0]) if state is None else state]
    for t in range(len(inputs)):
        out.append(rnn_cell(inputs[t], out[t], Wx, Wh, b))
    return np.stack(out[1:])


# In[4]:


get_ipython().system('pip list')
rnn_layer(np.random.random((3, 2)), *[None] * 3)
