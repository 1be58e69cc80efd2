# SPDX-License-Identifier: Apache-2.0
EmptyData: object
